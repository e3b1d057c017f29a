import Testing

@testable import RabbitMQClient

@Suite(.timeLimit(.minutes(1))) struct ClientConsumeTests {
    @Test func thePrefetchIsRespected() async throws {
        try await withChannel { _, channel in
            let queue = try await channel.ownQueue()
            for number in 0..<10 { try await channel.publish([UInt8(number)], to: queue) }
            try await channel.setPrefetch(3)
            let (_, deliveries) = try await channel.deliveries(of: queue)
            var iterator = deliveries.makeAsyncIterator()
            var open: [AMQPDelivery] = []
            for _ in 0..<3 { open.append(try #require(await iterator.next(isolation: #isolation))) }
            // Three are out, so seven have to be in the queue.
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 7)
            for delivery in open { channel.ack(delivery.tag) }
            for _ in 0..<3 { open.append(try #require(await iterator.next(isolation: #isolation))) }
            #expect(open.map(\.body) == (0..<6).map { [UInt8($0)] })
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 4)
        }
    }

    @Test func aDeletedQueueCancelsItsConsumer() async throws {
        try await withChannel { connection, channel in
            let queue = TestBroker.uniqueName("deleted")
            _ = try await channel.declareQueue(queue, durable: false)
            let (_, deliveries) = try await channel.deliveries(of: queue)
            let other = try await connection.openChannel()
            try await other.deleteQueue(queue)
            var count = 0
            for await _ in deliveries { count += 1 }
            #expect(count == 0)
        }
    }

    @Test func whatIsRejectedComesBackOrGoes() async throws {
        try await withChannel { _, channel in
            let queue = try await channel.ownQueue()
            try await channel.publish([1], to: queue)
            let first = try #require(try await channel.get(queue))
            #expect(!first.redelivered)
            channel.nack(first.tag, requeue: true)
            let second = try #require(try await channel.get(queue))
            #expect(second.redelivered)
            channel.reject(second.tag, requeue: false)
            #expect(try await channel.get(queue)?.tag == nil)
            // A second verdict is dropped here; the broker would close the channel over it.
            channel.ack(second.tag)
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 0)
        }
    }

    @Test func afterACancelNothingComes() async throws {
        try await withChannel { _, channel in
            let queue = try await channel.ownQueue()
            let (tag, deliveries) = try await channel.deliveries(of: queue, noAck: true)
            try await channel.publish([1], to: queue)
            var iterator = deliveries.makeAsyncIterator()
            #expect(try #require(await iterator.next(isolation: #isolation)).body == [1])
            try await channel.cancel(consumerTag: tag)
            try await channel.publish([2], to: queue)
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 1)
        }
    }

    @Test func aBodyOverTheLimitIsBadAndTheChannelGoesOn() async throws {
        try await withChannel { _, publisher in
            try await withChannel({ $0.limits.maximumBodySize = 1000 }) { _, consumer in
                let queue = TestBroker.uniqueName("too-large")
                _ = try await publisher.declareQueue(queue, durable: false, autoDelete: true)
                let (_, deliveries) = try await consumer.deliveries(of: queue)
                try await publisher.publish(Array(repeating: 1, count: 200_000), to: queue)
                try await publisher.publish([2], to: queue)
                var iterator = deliveries.makeAsyncIterator()
                let bad = try #require(await iterator.next(isolation: #isolation))
                #expect(bad.body == nil)
                consumer.reject(bad.tag, requeue: false)
                let good = try #require(await iterator.next(isolation: #isolation))
                #expect(good.body == [2])
                consumer.ack(good.tag)
            }
        }
    }

    @Test func aDirectReplyComesBack() async throws {
        try await withChannel { _, asking in
            try await withChannel { _, answering in
                let queue = TestBroker.uniqueName("ask")
                _ = try await answering.declareQueue(queue, durable: false, autoDelete: true)
                let (_, questions) = try await answering.deliveries(of: queue)
                let (_, answers) = try await asking.deliveries(of: "amq.rabbitmq.reply-to", noAck: true)
                var question = questions.makeAsyncIterator()
                var answer = answers.makeAsyncIterator()
                for round in 1...3 as ClosedRange<UInt8> {
                    try await asking.publish(
                        AMQPMessage(
                            properties: AMQPProperties(correlationID: "c\(round)", replyTo: "amq.rabbitmq.reply-to"),
                            body: [round]), exchange: "", routingKey: queue, mandatory: true)
                    let asked = try #require(await question.next(isolation: #isolation))
                    guard case .message(let message) = asked.content, let address = message.properties.replyTo else {
                        Issue.record("no reply address")
                        return
                    }
                    try await answering.publish(
                        AMQPMessage(
                            properties: AMQPProperties(correlationID: message.properties.correlationID),
                            body: message.body + [0]), exchange: "", routingKey: address)
                    answering.ack(asked.tag)
                    #expect(try #require(await answer.next(isolation: #isolation)).body == [round, 0])
                }
            }
        }
    }
}
