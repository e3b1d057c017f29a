import Logging
import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// What becomes of messages that processors cannot process.
@Suite(.timeLimit(.minutes(1))) struct ProcessorFailureTests {
    private struct DatabaseError: Error, CustomStringConvertible {
        var description: String { "password=hunter2" }
    }

    private let world = TestWorld()
    private let journal = Journal<String>()

    /// Started buses: one with the processors that are registered here, one that sends.
    private func start(_ register: (MessageBus) async throws -> Void) async throws -> (
        service: MessageBus, client: MessageBus
    ) {
        let service = try await world.client()
        try await register(service)
        return (service, try await world.client())
    }

    private func deadLetter(of queue: String = "orders") async throws -> MemoryBroker.DeadLetter {
        try #require(try await world.broker.deadLetters(of: queue, count: 1).first)
    }

    @Test func aBodyThatDoesNotFitIsDeadLettered() async throws {
        let (service, client) = try await start { bus in
            try await bus.requests("orders") { $0.on(ShowOrder.self) { show, _ in Order(id: show.id, items: []) } }
        }
        let error = try await expectError(.remote) { try await client.query("orders/show", ["id": "seven"]) }
        #expect(error.remoteCode == "serialization")
        #expect(error.message.contains("'id'"))
        #expect(!error.message.contains("seven"))
        #expect(try await deadLetter().message.body == Array("{\"id\":\"seven\"}".utf8))
        await client.stop()
        await service.stop()
    }

    @Test func whatForeignToolsSendIsDeadLetteredOnce() async throws {
        let (service, client) = try await start { bus in
            try await bus.requests("orders") { $0.command("do") { _, _ in journal.note("done") } }
        }
        let bodies: [[UInt8]] = [[], [0xFF], Array("[]".utf8), Array(String(repeating: "[", count: 500).utf8)]
        for body in bodies {
            try world.broker.publish(
                IncomingMessage(kind: .command, method: "do", body: body, attempt: .min), toQueue: "orders")
        }
        try world.broker.publish(IncomingMessage(kind: .command, body: Array("{}".utf8)), toQueue: "orders")
        let letters = try await world.broker.deadLetters(of: "orders", count: 5)
        #expect(
            letters.map(\.failure.code).sorted() == Array(repeating: "serialization", count: 4) + ["unknown_method"])
        #expect(Set(letters.map(\.message.body)) == Set(bodies + [Array("{}".utf8)]))
        try world.broker.publish(
            IncomingMessage(kind: .command, method: "do", body: Array("{}".utf8)), toQueue: "orders")
        try await journal.wait(for: 1)
        await client.stop()
        await service.stop()
    }

    @Test func theLadderEndsAmongTheDeadLetters() async throws {
        let service = try await world.service(
            options: ProcessorOptions(retryPolicy: RetryPolicy(maximumAttempts: 3, delays: [.seconds(1), .seconds(5)]))
        ) { message, context in
            journal.note("\(context.attempt)")
            throw DatabaseError()
        }
        try await service.command("orders/do")
        for (attempt, delay) in [(1, 1), (2, 5)] {
            try await journal.wait(for: attempt)
            try await world.broker.depth(of: "orders") { $0.delayed == 1 }
            await world.testClock.waitForSleepers(1)
            world.testClock.advance(by: .seconds(delay))
        }
        let letter = try await deadLetter()
        #expect(journal.entries == ["1", "2", "3"])
        #expect(letter.message.attempt == 3)
        #expect(letter.failure.code == "error")
        #expect(!letter.failure.message.contains("hunter2"))
        await service.stop()
    }

    @Test func theAskerLearnsNoSecrets() async throws {
        let service = try await world.service { _, _ in throw DatabaseError() }
        let client = try await world.client()
        let error = try await expectError(.remote) { try await client.query("orders/do") }
        #expect(error.remoteCode == "error")
        #expect(!"\(error)".contains("hunter2"))
        #expect(!error.isRetryable)
        await client.stop()
        await service.stop()
    }

    @Test func anErrorOfANestedQueryIsPassedOn() async throws {
        let inner = try await world.service("stock") { _, _ in
            throw ProcessingError(code: "sold_out", message: "no tea is left")
        }
        let outer = try await world.client()
        try await outer.requests("orders") { orders in
            orders.query("do") { message, _ in try await outer.query("stock/do", message) }
        }
        let error = try await expectError(.remote) { try await outer.query("orders/do") }
        #expect(error.remoteCode == "remote")
        #expect(error.message == "no tea is left")
        await outer.end()
        await inner.stop()
    }

    @Test func whatIsNotDoneWhenTheBusStopsIsDoneByAnother() async throws {
        let gate = Gate()
        let first = try await world.service(bus: ["mq_shutdown_timeout": 5]) { message, _ in
            journal.note("first")
            try await gate.wait()
            return message
        }
        try await first.command("orders/do")
        try await journal.wait(for: 1)
        let stop = Task { await first.stop() }
        await world.testClock.waitForSleepers(1)
        world.testClock.advance(by: .seconds(5))
        await stop.value
        let second = try await world.service { message, context in
            journal.note("second, attempt \(context.attempt), redelivered \(context.isRedelivered)")
            return message
        }
        #expect(try await journal.wait(for: 2).last == "second, attempt 1, redelivered true")
        await second.stop()
        #expect(world.broker.depth(of: "orders") == .init())
    }

    @Test func neitherBodiesNorSecretsAreLogged() async throws {
        let service = try await world.service(
            options: ProcessorOptions(retryPolicy: .never), bus: ["mq_log_at_level": "info"]
        ) { message, _ in
            if message["fails"] == true { throw ProcessingError(code: "broken", message: "it broke") }
            return message
        }
        let client = try await world.client(["mq_log_at_level": "info"])
        for fails in [true, false] {
            let message: Message = ["password": "hunter2", "fails": .bool(fails)]
            try await client.command("orders/do", message, headers: ["authorization": "hunter2"])
            _ = try? await client.query("orders/do", message, headers: ["authorization": "hunter2"])
        }
        try world.broker.publish(
            IncomingMessage(kind: .command, method: "do", body: Array("hunter2".utf8)), toQueue: "orders")
        _ = try await world.broker.deadLetters(of: "orders", count: 2)
        await client.stop()
        await service.stop()
        #expect(world.log.entries.contains { $0.message == "processed" && $0.level == .info })
        #expect(world.log.complaints.count == 3)
        #expect(!world.log.entries.contains { $0.text.contains("hunter2") })
    }
}
