import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// What cannot be registered, and what can.
@Suite(.timeLimit(.minutes(1))) struct RegistrationTests {
    private struct Silent: RequestProcessor {}

    private struct Deaf: EventProcessor {
        func event(_ type: String, _ message: Message, context: MessageContext) async throws {}
    }

    private let adapter = ScriptedAdapter()

    private func bus() throws -> MessageBus {
        try MessageBus(adapter: adapter, clock: MessagingClock(TestClock()), logger: LogRecorder().logger)
    }

    @Test(arguments: ["", "a b", "orders\n", ".a", "ördërs"])
    func wrongNamesAreRefused(name: String) async throws {
        let bus = try bus()
        try await expectError(.invalidTarget) { try await bus.register(Silent(), queue: name) }
        try await expectError(.invalidTarget) { try await bus.register(Deaf(), topic: name) }
        try await expectError(.invalidTarget) { try await bus.register(Deaf(), topic: "users", queue: name) }
    }

    @Test func wrongHandlersAreRefused() async throws {
        let bus = try bus()
        func refused(
            _ queue: String = "orders", _ handlers: (inout RequestHandlers) throws -> Void
        ) async throws -> String {
            try await expectError(.registration) { try await bus.requests(queue, handlers: handlers) }.message
        }
        #expect(try await refused { _ in }.contains("no handler"))
        let twice = try await refused { orders in
            orders.command("do") { _, _ in }
            orders.command("do") { _, _ in }
        }
        #expect(twice.contains("'do'"))
        #expect(try await refused { $0.command("do\n") { _, _ in } }.contains("word"))
        #expect(
            try await refused("users") { $0.on(ShowOrder.self) { show, _ in Order(id: show.id, items: []) } }.contains(
                "'orders'"))
        try await expectError(.registration) {
            try await bus.events("orders") { $0.on(UserLocked.self) { _, _ in } }
        }
        for options in [
            ProcessorOptions(concurrency: 0), ProcessorOptions(prefetch: 0), ProcessorOptions(concurrency: .max),
        ] {
            try await expectError(.registration) { try await bus.register(Silent(), queue: "orders", options: options) }
        }
        try await bus.start()
        #expect(adapter.calls == ["start"])
    }

    @Test func aCommandAndAQueryMayShareAName() async throws {
        let bus = try bus()
        try await bus.requests("orders") { orders in
            orders.command("do") { _, _ in }
            orders.query("do") { message, _ in message }
        }
        try await bus.start()
        #expect(adapter.calls == ["start", "subscribe orders"])
    }

    /// Each of two would get any message of the queue, and one that it does not know would be refused, or be lost.
    @Test func aQueueHasOneProcessorOnABus() async throws {
        let bus = try TestWorld().bus()
        try await bus.requests("orders") { $0.command("do") { _, _ in } }
        try await expectError(.registration) { try await bus.requests("orders") { $0.command("undo") { _, _ in } } }
        try await expectError(.registration) {
            try await bus.events("users", queue: "orders") { $0.event("locked") { _, _ in } }
        }
        try await bus.events("users", queue: "audit") { $0.event("locked") { _, _ in } }
        try await expectError(.registration) {
            try await bus.events("shops", queue: "audit") { $0.event("locked") { _, _ in } }
        }
        // Without a queue each has its own.
        for _ in 1...2 { try await bus.events("users") { $0.event("locked") { _, _ in } } }
        await bus.unregisterAllProcessors()
        try await bus.requests("orders") { $0.command("undo") { _, _ in } }
    }
}
