import Testing

@testable import RabbitMQClient

@Suite(.timeLimit(.minutes(1))) struct ClientPublishTests {
    @Test func aMessageMakesTheRoundTripWithItsProperties() async throws {
        try await withChannel { _, channel in
            let queue = try await channel.ownQueue()
            let properties = AMQPProperties(
                contentType: "application/json",
                headers: ["n": .int64(7), "list": .array([.string("a"), .bool(true)])],
                deliveryMode: 2, correlationID: "c", replyTo: "r", expiration: "60000", messageID: "m", timestamp: 9,
                type: "command", appID: "app")
            try await channel.publish(
                AMQPMessage(properties: properties, body: [1, 2, 3]), exchange: "", routingKey: queue, mandatory: true)
            let status = try await channel.declareQueue(queue, passive: true)
            #expect(status.messageCount == 1)

            let (tag, deliveries) = try await channel.deliveries(of: queue)
            var iterator = deliveries.makeAsyncIterator()
            let delivery = try #require(await iterator.next(isolation: #isolation))
            #expect(delivery.routingKey == queue)
            #expect(delivery.consumerTag == tag)
            guard case .message(let message) = delivery.content else {
                Issue.record("bad message")
                return
            }
            #expect(message == AMQPMessage(properties: properties, body: [1, 2, 3]))
            channel.ack(delivery.tag)
            try await channel.cancel(consumerTag: tag)
            #expect(try await channel.deleteQueue(queue) == 0)
        }
    }

    @Test func unroutableMessagesComeBack() async throws {
        try await withChannel { _, channel in
            let error = await clientFailure { try await channel.publish([1], to: TestBroker.uniqueName("nowhere")) }
            #expect(error?.kind == .unroutable)
            #expect(error?.replyCode == 312)
            // Not mandatory: nobody minds.
            try await channel.publish(
                AMQPMessage(body: []), exchange: "", routingKey: TestBroker.uniqueName("nowhere"))
        }
    }

    @Test func aMissingExchangeClosesTheChannelOnly() async throws {
        try await withChannel { connection, channel in
            let error = await clientFailure {
                try await channel.publish(
                    AMQPMessage(body: []), exchange: TestBroker.uniqueName("exchange"), routingKey: "")
            }
            #expect(error?.kind == .channelClosed)
            #expect(error?.replyCode == 404)
            #expect(error?.method == "basic.publish")
            var cause: AMQPError?
            for await case .closed(let why) in channel.events { cause = why }
            #expect(cause?.replyCode == 404)

            let next = try await connection.openChannel()
            try await next.selectConfirms()
            try await next.publish([1], to: try await next.ownQueue())
        }
    }

    /// What the broker refuses may be noticed while the next message is half out: the broker wants the rest of that before it
    /// wants its answer, or ends the connection.
    @Test func aChannelThatIsClosedInTheMiddleOfABodyCostsNoOther() async throws {
        try await withChannel { connection, channel in
            let neighbour = try await connection.openChannel()
            try await neighbour.selectConfirms()
            let queue = try await neighbour.ownQueue()
            for _ in 0..<5 {
                let refused = try await connection.openChannel()
                try await refused.selectConfirms()
                let outcomes = await refused.publish(
                    batch: [AMQPMessage(body: []), AMQPMessage(body: Array(repeating: 1, count: 15 << 20))],
                    exchange: TestBroker.uniqueName("exchange"), routingKey: "")
                for outcome in outcomes {
                    let error = #expect(throws: AMQPError.self) { try outcome.get() }
                    #expect(error?.kind == .channelClosed)
                }
                try await neighbour.publish([1], to: queue)
            }
        }
    }

    @Test func aFullQueueNacks() async throws {
        try await withChannel { _, channel in
            let queue = try await channel.ownQueue(["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
            try await channel.publish([1], to: queue)
            let error = await clientFailure { try await channel.publish([2], to: queue) }
            #expect(error?.kind == .nacked)
        }
    }

    @Test func aThousandPublishesAtOnce() async throws {
        try await withChannel { _, channel in
            let queue = try await channel.ownQueue()
            try await withThrowingTaskGroup { group in
                for number in 0..<1000 {
                    group.addTask { try await channel.publish(PublishedNumber(number).bytes, to: queue) }
                }
                try await group.waitForAll()
            }
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 1000)
            let (_, deliveries) = try await channel.deliveries(of: queue, noAck: true)
            var numbers: Set<Int> = []
            for await delivery in deliveries {
                numbers.insert(try #require(PublishedNumber(bytes: delivery.body ?? [])).value)
                if numbers.count == 1000 { break }
            }
            #expect(numbers == Set(0..<1000))
        }
    }

    @Test(arguments: [0, 1, 4087, 4088, 4089, 8176, 65_536, 65_537, 1 << 20])
    func bodiesOfAnySizeAtSmallFrames(size: Int) async throws {
        try await bodyMakesTheRoundTrip(size: size, frameMax: 4096)
    }

    @Test(arguments: [131_063, 131_064, 131_065, 1 << 20, 16 << 20])
    func bodiesOfAnySizeAtUsualFrames(size: Int) async throws {
        try await bodyMakesTheRoundTrip(size: size, frameMax: 131_072)
    }

    private func bodyMakesTheRoundTrip(size: Int, frameMax: Int) async throws {
        try await withChannel({ $0.frameMax = frameMax }) { _, channel in
            let queue = try await channel.ownQueue()
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 16) }
            try await channel.publish(body, to: queue)
            let delivery = try await channel.get(queue)
            // Not within the macro: describing how two large arrays differ takes minutes.
            let isWhole = delivery?.body == body
            #expect(isWhole)
            if let delivery { channel.ack(delivery.tag) }
            #expect(try await channel.get(queue)?.tag == nil)
        }
    }

    @Test func twoConnectionsPublishAndConsume() async throws {
        try await withChannel { _, publisher in
            try await withChannel { _, consumer in
                let queue = TestBroker.uniqueName("two-connections")
                _ = try await publisher.declareQueue(queue, durable: false, autoDelete: true)
                try await consumer.setPrefetch(10)
                let (tag, deliveries) = try await consumer.deliveries(of: queue)
                async let publishing: Void = {
                    for number in 0..<200 { try await publisher.publish(PublishedNumber(number).bytes, to: queue) }
                }()
                var expected = 0
                for await delivery in deliveries {
                    #expect(PublishedNumber(bytes: delivery.body ?? [])?.value == expected)
                    consumer.ack(delivery.tag)
                    expected += 1
                    if expected == 200 { break }
                }
                try await publishing
                try await consumer.cancel(consumerTag: tag)
            }
        }
    }
}

/// A number as a body.
struct PublishedNumber {
    let value: Int

    init(_ value: Int) { self.value = value }

    init?(bytes: [UInt8]) {
        guard let value = Int(String(decoding: bytes, as: UTF8.self)) else { return nil }
        self.value = value
    }

    var bytes: [UInt8] { Array("\(value)".utf8) }
}
