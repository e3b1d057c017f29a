import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
    private struct Silent: RequestProcessor {}

    private struct Deaf: EventProcessor {
        func event(_ type: String, _ message: Message, context: MessageContext) async throws {}
    }

    private let adapter = ScriptedAdapter()

    private func bus() throws -> MessageBus {
        try MessageBus(adapter: adapter, clock: MessagingClock(TestClock()), logger: LogRecorder().logger)
    }

    @Test func partsStartInOrderAndStopInOrder() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        try await bus.register(Deaf(), topic: "users", queue: "billing")
        #expect(adapter.calls.isEmpty)
        try await bus.start()
        #expect(adapter.calls == ["start", "subscribe orders", "subscribe users>billing"])
        await bus.stop()
        #expect(Set(adapter.calls.suffix(3).dropLast()) == ["cancel orders", "cancel users>billing"])
        #expect(adapter.calls.last == "stop")
    }

    @Test func startingAndStoppingIsIdempotentForEachPart() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        try await bus.start(processors: false)
        try await bus.start(processors: false)
        #expect(adapter.calls == ["start"])
        try await bus.start()
        try await bus.start()
        #expect(adapter.calls == ["start", "subscribe orders"])
        await bus.stop(adapter: false)
        await bus.stop(adapter: false)
        #expect(adapter.calls == ["start", "subscribe orders", "cancel orders"])
        try await bus.command("orders/do")
        await bus.stop()
        await bus.stop()
        #expect(adapter.calls.suffix(2) == ["command orders", "stop"])
    }

    @Test func stoppingTheAdapterStopsItsProcessors() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        try await bus.start()
        await bus.stop(adapter: true, processors: false)
        #expect(adapter.calls == ["start", "subscribe orders", "cancel orders", "stop"])
    }

    @Test func aStoppedBusWithoutStartIsLeftAlone() async throws {
        await (try bus()).stop()
        #expect(adapter.calls.isEmpty)
    }

    @Test func processorsNeedTheAdapter() async throws {
        let bus = try bus()
        try await expectError(.notStarted) { try await bus.start(adapter: false) }
        try await bus.start(processors: false)
        try await bus.start(adapter: false)
        #expect(adapter.calls == ["start"])
    }

    @Test func registrationsSurviveAStop() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        for _ in 1...3 {
            try await bus.start()
            await bus.stop()
        }
        let round = ["start", "subscribe orders", "cancel orders", "stop"]
        #expect(adapter.calls == round + round + round)
    }

    @Test func aStartedBusRunsWhatIsRegisteredAtOnce() async throws {
        let bus = try bus()
        try await bus.start()
        try await bus.register(Silent(), queue: "orders")
        #expect(adapter.calls == ["start", "subscribe orders"])
        await bus.stop(adapter: false)
        try await bus.register(Silent(), queue: "stock")
        #expect(adapter.calls == ["start", "subscribe orders", "cancel orders"])
        try await bus.start()
        #expect(adapter.calls.suffix(2) == ["subscribe orders", "subscribe stock"])
    }

    @Test func whatCannotBeStartedIsNotRegistered() async throws {
        let bus = try bus()
        try await bus.start()
        adapter.script.withLock { $0.brokenSource = "orders" }
        let error = try await expectError(.topology) { try await bus.register(Silent(), queue: "orders") }
        #expect(error.target == "orders")
        await bus.stop()
        adapter.script.withLock { $0.calls = [] }
        try await bus.start()
        #expect(adapter.calls == ["start"])
    }

    @Test func aFailedStartIsUndone() async throws {
        let bus = try bus()
        for queue in ["orders", "stock", "billing"] { try await bus.register(Silent(), queue: queue) }
        adapter.script.withLock { $0.brokenSource = "stock" }
        try await expectError(.topology) { try await bus.start() }
        #expect(adapter.calls == ["start", "subscribe orders", "subscribe stock", "cancel orders", "stop"])
        try await expectError(.notStarted) { try await bus.command("orders/do") }
        adapter.script.withLock { script in
            script.brokenSource = nil
            script.calls = []
        }
        try await bus.start()
        #expect(adapter.calls == ["start", "subscribe orders", "subscribe stock", "subscribe billing"])
    }

    @Test func aFailedStartOfProcessorsLeavesTheAdapterThatRanBefore() async throws {
        let bus = try bus()
        try await bus.start(processors: false)
        try await bus.register(Silent(), queue: "orders")
        adapter.script.withLock { $0.brokenSource = "orders" }
        try await expectError(.topology) { try await bus.start() }
        #expect(adapter.calls == ["start", "subscribe orders"])
        try await bus.command("orders/do")
    }

    @Test func aFailedConnectionIsReported() async throws {
        let bus = try bus()
        adapter.script.withLock { $0.startError = MessagingError(.authentication, "refused") }
        try await expectError(.authentication) { try await bus.start() }
        try await expectError(.notStarted) { try await bus.command("orders/do") }
        #expect(adapter.calls == ["start"])
        adapter.script.withLock { $0.startError = nil }
        try await bus.start()
        #expect(adapter.calls == ["start", "start"])
    }

    @Test func allRegistrationsCanBeForgotten() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        try await bus.register(Silent(), queue: "stock")
        try await bus.start()
        await bus.unregisterAllProcessors()
        #expect(Set(adapter.calls.suffix(2)) == ["cancel orders", "cancel stock"])
        try await bus.command("orders/do")
        // The bus still runs processors as they come.
        try await bus.register(Silent(), queue: "billing")
        #expect(adapter.calls.last == "subscribe billing")
        await bus.stop()
        adapter.script.withLock { $0.calls = [] }
        try await bus.start()
        #expect(adapter.calls == ["start", "subscribe billing"])
    }

    @Test func startsAndStopsAtOnceDoNotMix() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        await withTaskGroup { group in
            for number in 0..<40 {
                group.addTask {
                    if number.isMultiple(of: 2) {
                        await #expect(throws: Never.self) { try await bus.start() }
                    } else {
                        await bus.stop()
                    }
                }
            }
        }
        await bus.stop()
        let calls = adapter.calls
        let round = ["start", "subscribe orders", "cancel orders", "stop"]
        #expect(calls.count.isMultiple(of: 4))
        #expect(calls == (0..<calls.count / 4).flatMap { _ in round })
    }
}
