import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Processors at work on a bus.
@Suite(.timeLimit(.minutes(1))) struct ProcessorTests {
    /// Knows one command and one query.
    private struct Orders: RequestProcessor {
        let journal: Journal<String>

        func command(_ method: String, _ message: Message, context: MessageContext) async throws {
            guard method == "cancel" else { throw MessagingError.unknown(method: method, target: context.target) }
            journal.note("cancel \(message["id"]?.integer ?? 0)")
        }

        func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
            guard method == "show" else { throw MessagingError.unknown(method: method, target: context.target) }
            return Message(
                encoding: Order(id: try message["id"], items: ["tea"]), headers: ["shown-by": context.target])
        }
    }

    /// Knows nothing.
    private struct Silent: RequestProcessor {}

    private struct Billing: EventProcessor {
        let journal: Journal<String>

        func event(_ type: String, _ message: Message, context: MessageContext) async throws {
            journal.note("\(context.target) \(message["id"]?.string ?? "")")
        }
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

    @Test func anObjectProcessesRequests() async throws {
        let (service, client) = try await start { try await $0.register(Orders(journal: journal), queue: "orders") }
        try await client.command("orders/cancel", ["id": 7])
        #expect(try await journal.wait(for: 1) == ["cancel 7"])
        let answer = try await client.query("orders/show", ["id": 7])
        #expect(try answer.decode(as: Order.self) == Order(id: 7, items: ["tea"]))
        #expect(answer.headers["shown-by"] == "orders/show")
        #expect(try await client.query(ShowOrder(id: 8)) == Order(id: 8, items: ["tea"]))
        await client.stop()
        await service.stop()
    }

    @Test func anObjectProcessesEvents() async throws {
        let (service, client) = try await start { bus in
            try await bus.register(Billing(journal: journal), topic: "users", queue: "billing.users")
        }
        try await client.event(UserLocked(id: "b3cc"))
        #expect(try await journal.wait(for: 1) == ["users#locked b3cc"])
        await client.stop()
        await service.stop()
    }

    @Test func handlersGetWhatTheyAreFor() async throws {
        let (service, client) = try await start { bus in
            try await bus.requests("users") { users in
                users.on(LockUser.self) { lock, context in journal.note("\(context.target) \(lock.id)") }
                users.query("lock") { _, _ in ["isQuery": true] }
            }
            try await bus.requests("orders") { orders in
                orders.on(ShowOrder.self) { show, _ in Order(id: show.id, items: ["milk"]) }
            }
            try await bus.events("users") { users in
                users.on(UserLocked.self) { event, context in journal.note("\(context.target) \(event.id)") }
                users.event("unlocked") { message, _ in journal.note("unlocked \(message["id"]?.string ?? "")") }
            }
        }
        try await client.command(LockUser(id: "a"))
        try await client.event("users#ignored")
        try await client.event(UserLocked(id: "b"))
        try await client.event("users#unlocked", ["id": "c"])
        let entries = try await journal.wait(for: 3)
        #expect(Set(entries) == ["users/lock a", "users#locked b", "unlocked c"])
        #expect(try await client.query("users/lock")["isQuery"] == true)
        #expect(try await client.query(ShowOrder(id: 3)) == Order(id: 3, items: ["milk"]))
        #expect(world.log.complaints.isEmpty)
        await client.stop()
        await service.stop()
    }

    @Test func anUnknownMethodIsDeadLetteredAndTold() async throws {
        let (service, client) = try await start { try await $0.register(Orders(journal: journal), queue: "orders") }
        try await client.command("orders/steal")
        let letter = try await deadLetter()
        #expect(letter.failure.code == "unknown_method")
        #expect(letter.message.attempt == 1)
        _ = world.broker.takeDeadLetters(of: "orders")
        let error = try await expectError(.remote) { try await client.query("orders/steal") }
        #expect(error.remoteCode == "unknown_method")
        #expect(error.target == "orders/steal")
        #expect(try await deadLetter().message.kind == .query)
        await client.stop()
        await service.stop()
    }

    @Test func aProcessorMayKnowNothing() async throws {
        let (service, client) = try await start { try await $0.register(Silent(), queue: "orders") }
        try await client.command("orders/cancel")
        #expect(try await deadLetter().failure.code == "unknown_method")
        let error = try await expectError(.remote) { try await client.query("orders/show") }
        #expect(error.remoteCode == "unknown_method")
        await client.stop()
        await service.stop()
    }

    @Test func commandsAndQueriesAreNoEvents() async throws {
        let (service, client) = try await start { bus in
            try await bus.register(Billing(journal: journal), topic: "users", queue: "billing")
            try await bus.events("users", queue: "audit") { $0.event("locked") { _, _ in } }
        }
        for queue in ["billing", "audit"] {
            try await client.command(RequestTarget("\(queue)/locked"))
            #expect(try await deadLetter(of: queue).failure.code == "unknown_method")
            let error = try await expectError(.remote) { try await client.query(RequestTarget("\(queue)/other")) }
            #expect(error.remoteCode == "unknown_method")
        }
        #expect(journal.entries.isEmpty)
        await client.stop()
        await service.stop()
    }

    @Test func nestedQueriesInheritTheDeadline() async throws {
        let deadlines = Journal<MessagingClock.Instant?>()
        let inner = try await world.service("stock") { message, context in
            deadlines.note(context.deadline)
            return message
        }
        let outer = try await world.client()
        try await outer.requests("orders") { orders in
            orders.query("do") { message, context in
                deadlines.note(context.deadline)
                try await outer.command("stock/do")
                return try await outer.query("stock/do", message, timeout: .seconds(60))
            }
        }
        let start = world.clock.now
        _ = try await outer.query("orders/do", timeout: .seconds(3))
        let noted = try await deadlines.wait(for: 3)
        let deadline = start.advanced(by: .seconds(3))
        #expect(noted.filter { $0 == deadline }.count == 2)
        // The command has none.
        #expect(noted.filter { $0 == nil }.count == 1)
        await outer.end()
        await inner.stop()
    }

    @Test func handlersRunAtTheSameTimeUpToTheBound() async throws {
        let gate = Gate()
        let service = try await world.service(bus: ["mq_concurrency": 3]) { message, _ in
            journal.note("began")
            try await gate.wait()
            return message
        }
        for _ in 1...10 { try await service.command("orders/do") }
        try await journal.wait(for: 3)
        #expect(journal.entries.count == 3)
        gate.open()
        try await journal.wait(for: 10)
        try await world.broker.depth(of: "orders") { $0 == .init() }
        await service.stop()
    }

    @Test func anotherSerializerIsUnderstood() async throws {
        let service = try world.bus(serializers: [FlippedSerializer()])
        try await service.requests("orders") { $0.on(ShowOrder.self) { show, _ in Order(id: show.id, items: []) } }
        try await service.start()
        // It reads JSON as well, and its answer can be read by those who know its serializer.
        let client = try world.bus(serializers: [JSONMessageSerializer(), FlippedSerializer()])
        try await client.start()
        #expect(try await client.query(ShowOrder(id: 4)) == Order(id: 4, items: []))
        let ignorant = try await world.client()
        let error = try await expectError(.serialization) { try await ignorant.query(ShowOrder(id: 4)) }
        #expect(error.message.contains("application/x-flipped"))
        for bus in [client, ignorant, service] { await bus.stop() }
    }

    @Test func namespacesKeepBusesApart() async throws {
        let service = try await world.service(bus: ["mq_namespace": "test."]) { message, context in
            Message(["target": .string(context.target)])
        }
        let stranger = try await world.client()
        try await expectError(.unroutable) { try await stranger.query("orders/do") }
        #expect(try await stranger.query("test.orders/do")["target"]?.string == "orders/do")
        #expect(try await service.query("orders/do")["target"]?.string == "orders/do")
        await stranger.stop()
        await service.stop()
    }

    @Test func handlersMaySendWhileTheBusStops() async throws {
        let gate = Gate()
        let first = try await world.client()
        try await first.requests("orders") { orders in
            orders.command("do") { _, _ in
                journal.note("began")
                try await gate.wait()
                try await first.event("orders#done")
            }
        }
        let listener = try await world.client()
        try await listener.events("orders") { $0.event("done") { _, _ in journal.note("heard") } }
        try await first.command("orders/do")
        try await journal.wait(for: 1)
        let stop = Task { await first.end() }
        await world.testClock.waitForSleepers(1)
        gate.open()
        await stop.value
        #expect(try await journal.wait(for: 2) == ["began", "heard"])
        await listener.stop()
    }
}
