import MimiMessaging
import RabbitMQClient
import Testing

/// Replies that nobody asked for, as a processor in any language could send them.
@Suite("Replies that are not wanted")
struct ReplyTests {
    private let queue = TestBroker.uniqueName("replies")

    @Test("spoofed, double and late replies are dropped", .timeLimit(.minutes(1)), arguments: [true, false])
    func dropped(_ isDirect: Bool) async throws {
        try await TestBroker.withChannel { channel in
            try await channel.selectConfirms()
            _ = try await channel.declareQueue(queue, durable: false, exclusive: true)
            let (queries, continuation) = AsyncStream.makeStream(of: AMQPMessage.self)
            try await channel.consume(
                queue, noAck: true,
                onDelivery: { delivery in
                    if case .message(let query) = delivery.content { continuation.yield(query) }
                }, onCancel: {})
            var arrivals = queries.makeAsyncIterator()
            let bus = try TestBroker.bus(["mq_rabbitmq_direct_reply_to": .bool(isDirect)])
            try await bus.start()
            let target = try RequestTarget("\(queue)/ask")
            func reply(to query: AMQPMessage, as correlationID: String? = nil, _ body: String) async throws {
                let properties = AMQPProperties(
                    contentType: "application/json", correlationID: correlationID ?? query.properties.correlationID,
                    type: "reply")
                try await channel.publish(
                    AMQPMessage(properties: properties, body: Array(body.utf8)), exchange: "",
                    routingKey: try #require(query.properties.replyTo))
            }

            let abandoned = Task { try await bus.query(target) }
            let late = try #require(await arrivals.next())
            abandoned.cancel()
            await #expect(throws: CancellationError.self) { try await abandoned.value }
            async let answer = bus.query(target)
            let query = try #require(await arrivals.next())
            let id = try #require(query.properties.correlationID)
            // 128 bits, of which those of another query say nothing.
            #expect(id.utf8.count == 32 && id.allSatisfy(\.isHexDigit))
            #expect(id != late.properties.correlationID)
            try await reply(to: late, #"{"from":"late"}"#)
            try await reply(to: query, as: String(repeating: "0", count: 32), #"{"from":"spoofed"}"#)
            try await reply(to: query, as: "", #"{"from":"nameless"}"#)
            try await reply(to: query, #"{"from":"processor"}"#)
            try await reply(to: query, #"{"from":"double"}"#)
            #expect(try await answer["from"] == "processor")

            // The next one is not harmed by what is left over.
            async let next = bus.query(target)
            let second = try #require(await arrivals.next())
            try await reply(to: second, #"{"from":"second"}"#)
            #expect(try await next["from"] == "second")
            await bus.stop()
        }
    }
}
