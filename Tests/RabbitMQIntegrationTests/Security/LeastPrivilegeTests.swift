import MimiMessaging
import MimiMessagingTesting
import Testing

/// The permissions of the documentation, on a broker that enforces them.
@Suite(
    "Users with few rights", .serialized,
    .enabled(if: TestBroker.expectsControl, "MIMI_RABBITMQ_CONTROL names no script that controls a broker"))
struct LeastPrivilegeTests {
    @Test("a producer, a processor and two listeners", .timeLimit(.minutes(2))) func everyRole() async throws {
        let broker = try await GuardedBroker(named: "rights")
        try await declare(on: broker)
        // A user may publish to the default exchange or not; RabbitMQ does not look at the queue.
        try await broker.addUser("producer", configure: "^$", write: #"^(amq\.default|orders)$"#, read: "^$")
        try await broker.addUser("processor", configure: "^$", write: #"^amq\.default$"#, read: "^orders$")
        try await broker.addUser("billing", configure: "^$", write: #"^amq\.default$"#, read: #"^billing\.orders$"#)
        try await broker.addUser(
            "listener", configure: #"^amq\.gen-"#, write: #"^amq\.gen-"#, read: #"^(amq\.gen-.*|orders)$"#)

        let (taken, billed, heard) = (journal(), journal(), journal())
        let processor = try TestBroker.bus(url: broker.url(for: "processor"))
        try await processor.requests("orders") { orders in
            orders.command("take") { message, context in
                if context.attempt == 1 { throw ProcessingError(code: "busy", message: "try again") }
                taken.note(try message["n"])
            }
            orders.command("never") { _, _ in throw ProcessingError(code: "no", message: "never", isFinal: true) }
            orders.query("ask") { message, _ in ["n": .integer(try message["n"])] }
        }
        let billing = try TestBroker.bus(url: broker.url(for: "billing"))
        try await billing.events("orders", queue: "billing.orders") { events in
            events.event("placed") { message, _ in billed.note(try message["n"]) }
        }
        let listener = try TestBroker.bus(url: broker.url(for: "listener"))
        try await listener.events("orders") { events in
            events.event("placed") { message, _ in heard.note(try message["n"]) }
        }
        let producer = try TestBroker.bus(url: broker.url(for: "producer"))
        let services = [processor, billing, listener, producer]
        for service in services { try await service.start() }

        try await producer.command("orders/take", ["n": 1])
        try await producer.command("orders/never", [:])
        #expect(try await producer.query("orders/ask", ["n": 2])["n"] == 2)
        try await producer.event("orders#placed", ["n": 3])
        #expect(try await taken.wait(for: 1) == [1])
        #expect(try await billed.wait(for: 1) == [3])
        #expect(try await heard.wait(for: 1) == [3])

        // And no more than that.
        let refused = await #expect(throws: MessagingError.self) { try await listener.command("orders/take", ["n": 4]) }
        #expect(refused?.code == .accessRefused)
        await #expect(throws: MessagingError.self) { try await billing.event("orders#placed", ["n": 5]) }
        await #expect(throws: MessagingError.self) {
            try await producer.requests("orders") { $0.command("take") { _, _ in } }
        }
        for service in services { await service.stop() }
        try await broker.stop()
    }

    private func journal() -> Journal<Int> { Journal(limit: .seconds(60)) }

    /// What is done beforehand: a service that may declare its queue has run once, and an operator with all rights.
    private func declare(on broker: GuardedBroker) async throws {
        try await broker.addUser(
            "owner", configure: #"^(orders(\.dead|\.retry\..*)?|mimi\.expired\.quorum)$"#,
            write: #"^(amq\.default|orders(\.dead|\.retry\..*)?|mimi\.expired\.quorum)$"#,
            read: #"^orders(\.dead|\.retry\..*)?$"#)
        let owner = try TestBroker.bus(url: broker.url(for: "owner"))
        try await owner.requests("orders") { $0.command("take") { _, _ in } }
        let operating = try TestBroker.bus(url: broker.url)
        try await operating.events("orders", queue: "billing.orders") { $0.event("placed") { _, _ in } }
        for service in [owner, operating] {
            try await service.start()
            await service.stop()
        }
    }
}
