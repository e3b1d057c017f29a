import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

/// Somebody deletes what belongs to a running service. It comes back, and nobody stays deaf.
@Suite("What is deleted under a service comes back", .timeLimit(.minutes(30)))
struct DeletedObjectTests {
    private func withWorld(
        _ options: [String: OptionValue] = [:], _ body: (FaultWorld) async throws -> Void
    ) async throws {
        try await withFaultWorldInTurn("deleted", options, body)
    }

    /// Sends until it is handled: while the queue is gone, there is nobody to send to.
    private func sendUntilHandled(_ world: FaultWorld) async throws {
        var number = 100
        while world.handled.entries.allSatisfy({ $0 < 100 }) {
            number += 1
            do {
                try await world.command("take", number)
            } catch let error as MessagingError {
                // While a quorum queue is being deleted it refuses.
                #expect([.unroutable, .rejected].contains(error.code))
            }
        }
    }

    @Test(arguments: ["classic", "quorum"]) func theQueue(type: String) async throws {
        try await withWorld(["mq_rabbitmq_queue_type": .string(type)]) { world in
            try await TestBroker.withChannel { try await $0.deleteQueue(world.queue) }
            let taken = try await timed { try await sendUntilHandled(world) }
            #expect(await taken < Pace.stretch(.seconds(5)))
            try await world.works(1)
        }
    }

    @Test func theQueueWithoutAWordOfIt() async throws {
        try await withWorld(["mq_rabbitmq_consumer_check_interval": "300ms"]) { world in
            world.service.proxy.set(.toClient) { $0.swallowed = .basicCancel }
            try await TestBroker.withChannel { try await $0.deleteQueue(world.queue) }
            let taken = try await timed { try await sendUntilHandled(world) }
            #expect(await taken < Pace.stretch(.seconds(5)))
            try await world.works(1)
        }
    }

    /// The broker has the queue, and no consumer of it; and the consumer does not know.
    @Test func theConsumerWithoutAWordOfIt() async throws {
        try await withWorld(["mq_rabbitmq_consumer_check_interval": "300ms"]) { world in
            world.service.proxy.set(.toClient) { $0.swallowed = .basicCancel }
            // It must not look while there is no queue: it would learn of that, and not of what is looked at here.
            world.service.proxy.set(.toBroker) { $0.isHeld = true }
            try await TestBroker.withChannel { channel in
                try await channel.deleteQueue(world.queue)
                _ = try await channel.declareQueue(world.queue, arguments: try world.argumentsOfTheQueue)
            }
            world.service.proxy.set(.toBroker) { $0.isHeld = false }
            try await world.command("take", 1)
            let taken = try await timed { try await world.wait(for: 1, in: world.handled) }
            #expect(await taken < Pace.stretch(.seconds(5)))
            #expect(world.service.log.lines(with: "has forgotten the consumer").isEmpty == false)
        }
    }

    /// Nothing is lost that was confirmed before: the topic goes, the queues of its listeners stay.
    @Test func theTopic() async throws {
        try await withWorld(["mq_rabbitmq_consumer_check_interval": "300ms"]) { world in
            try await world.event(1)
            try await TestBroker.remove(topic: world.queue)
            let taken = try await timed {
                var number = 100
                while world.heard.entries.allSatisfy({ $0 < 100 }) {
                    number += 1
                    try await world.event(number)
                }
                try await world.publishUntilHeard(in: world.overheard)
            }
            #expect(await taken < Pace.stretch(.seconds(5)))
            #expect(world.heard.entries.contains(1))
        }
    }

    @Test func theBindingOfAnEventQueue() async throws {
        try await withWorld(["mq_rabbitmq_consumer_check_interval": "300ms"]) { world in
            try await TestBroker.withChannel {
                try await $0.unbindQueue(world.queue + ".events", exchange: world.queue, routingKey: "")
            }
            let taken = try await timed {
                while world.heard.entries.isEmpty { try await world.event(1) }
            }
            #expect(await taken < Pace.stretch(.seconds(5)))
        }
    }

    @Test func theRetryQueue() async throws {
        try await withWorld { world in
            try await TestBroker.withChannel { try await $0.deleteQueue(world.queue + ".retry.20") }
            try await world.command("fail", 1)
            let taken = try await timed { try await world.wait(for: 1, in: world.handled) }
            #expect(await taken < Pace.stretch(.seconds(5)))
            try await world.works(2)
        }
    }

    @Test func theDeadLetterQueue() async throws {
        try await withWorld { world in
            try await TestBroker.withChannel { try await $0.deleteQueue(world.queue + ".dead") }
            try await world.command("refuse", 1)
            try await world.works(2)
            #expect(try await TestBroker.deadLetters(of: world.queue, count: 1) == 1)
        }
    }
}

extension FaultWorld {
    /// What the queue has to be declared with, as somebody else would.
    var argumentsOfTheQueue: AMQPFieldTable {
        get throws { ["x-queue-type": "classic", "x-dead-letter-exchange": .string(queue + ".dead")] }
    }
}
