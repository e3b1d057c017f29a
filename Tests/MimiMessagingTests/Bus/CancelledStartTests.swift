import MimiMessaging
import MimiMessagingTesting
import Testing

@Suite("A start that is cancelled")
struct CancelledStartTests {
    @Test("stops what it has started, undisturbed by the cancellation")
    func waysBack() async throws {
        let adapter = HesitatingAdapter()
        let bus = try MessageBus(adapter: adapter, logger: .silent)
        try await bus.requests("orders") { $0.command("place") { _, _ in } }
        let start = Task { try await bus.start() }
        try await adapter.subscribing.wait(for: 1)
        start.cancel()
        await #expect(throws: CancellationError.self) { try await start.value }
        #expect(adapter.stops.entries == [false])
    }
}

extension CancelledStartTests {
    @Test("A stop ends a start that is under way", .timeLimit(.minutes(1)))
    func stopsDuringTheStart() async throws {
        let adapter = HesitatingAdapter()
        let bus = try MessageBus(adapter: adapter, logger: .silent)
        try await bus.requests("orders") { $0.command("place") { _, _ in } }
        let start = Task { try await bus.start() }
        try await adapter.subscribing.wait(for: 1)
        await bus.stop()
        let error = await #expect(throws: MessagingError.self) { try await start.value }
        #expect(error?.code == .notStarted)
        #expect(adapter.stops.entries == [false])
    }

    @Test("A stop ends a registration that is under way", .timeLimit(.minutes(1)))
    func stopsDuringARegistration() async throws {
        let adapter = HesitatingAdapter()
        let bus = try MessageBus(adapter: adapter, logger: .silent)
        try await bus.start()
        let registration = Task { try await bus.requests("orders") { $0.command("place") { _, _ in } } }
        try await adapter.subscribing.wait(for: 1)
        await bus.stop()
        let error = await #expect(throws: MessagingError.self) { try await registration.value }
        #expect(error?.code == .notStarted)
    }
}

/// Subscribes until it is cancelled, and notes whether it is stopped by a cancelled task.
private final class HesitatingAdapter: MessagingAdapter {
    static let name = "hesitating"
    static let options: [OptionDefinition] = []

    let subscribing = Journal<Subscription>()
    let stops = Journal<Bool>()

    init() {}

    init(context: AdapterContext) {}

    func start(observer: any AdapterObserver) async throws {}

    func stop(deadline: MessagingClock.Instant) async { stops.note(Task.isCancelled) }

    func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {}

    func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage { IncomingMessage(kind: .reply) }

    func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {}

    func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        subscribing.note(subscription)
        try await Gate().wait()
        throw CancellationError()
    }
}
