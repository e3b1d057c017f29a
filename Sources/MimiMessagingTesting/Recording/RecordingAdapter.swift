public import MimiMessaging

/// Writes down what a bus sends, answers queries and fails as a test wants it.
///
/// Alone it carries nothing: commands and events are taken, queries have the answers that were set, and processors hear
/// nothing. Around another adapter it carries what that one carries.
///
/// ```swift
/// let recording = RecordingAdapter()
/// recording.answer("orders/show", with: ["id": 123, "total": 9.5])
/// recording.fail("billing/charge", with: MessagingError(.connection, "the link broke"), times: 1)
/// try await withMessageBus(MessageBus(adapter: recording)) { bus in
///     try await Checkout(bus: bus).pay(order: 123)
/// }
/// #expect(recording.sent.map(\.target) == ["orders/show", "billing/charge", "billing/charge", "orders#paid"])
/// ```
public final class RecordingAdapter: MessagingAdapter {
    public static let name = "recording"
    public static let options: [OptionDefinition] = []

    private let base: (any MessagingAdapter)?
    private let script = Lock(Script())
    private let journal: Journal<SentMessage>

    /// Creates an adapter around another one, or alone.
    public init(around base: (any MessagingAdapter)? = nil) {
        self.base = base
        journal = Journal()
    }

    /// Creates an adapter that stands alone.
    public convenience init(context: AdapterContext) { self.init() }

    /// What was sent so far, in order, also what failed.
    public var sent: [SentMessage] { journal.entries }

    /// Waits until at least so many messages were sent, for ten seconds at most.
    /// - Returns: All that were sent.
    /// - Throws: ``TimeLimitExceeded``; `CancellationError`.
    @discardableResult
    public func waitForSent(_ count: Int) async throws -> [SentMessage] { try await journal.wait(for: count) }

    /// Answers each further query to a target with this message; an adapter within this one does not see it.
    public func answer(_ target: RequestTarget, with answer: Message) {
        script.withLock { $0.answers[target.description] = .success(answer) }
    }

    /// Answers each further query to a target with the failure of its processor: the asker gets
    /// `remote`.
    public func answer(_ target: RequestTarget, with failure: ProcessingError) {
        script.withLock { $0.answers[target.description] = .failure(failure) }
    }

    /// Lets what is sent to a target fail.
    /// - Parameters:
    ///   - target: `queue/method` or `topic#type`.
    ///   - times: How often; then it succeeds again. By default always.
    public func fail(_ target: String, with error: MessagingError, times: Int = .max) {
        script.withLock { $0.failures[target] = (error, times) }
    }

    public func start(observer: any AdapterObserver) async throws { try await base?.start(observer: observer) }

    public func stop(deadline: MessagingClock.Instant) async { await base?.stop(deadline: deadline) }

    public func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {
        try record(message, to: queue, deadline)
        try await base?.command(message, to: queue, deadline: deadline)
    }

    public func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        try record(message, to: queue, deadline)
        if let answer = script.withLock({ $0.answers[message.target] }) { return try reply(answer) }
        guard let base else {
            throw MessagingError(.unroutable, "no answer was set for '\(message.target)'", target: message.target)
        }
        return try await base.query(message, to: queue, deadline: deadline)
    }

    public func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        try record(message, to: topic, deadline)
        try await base?.event(message, to: topic, deadline: deadline)
    }

    public func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        try await base?.subscribe(subscription, receiver: receiver) ?? SilentSubscription()
    }

    public var obstacles: [BusObstacle] { base?.obstacles ?? [] }

    private func record(_ message: OutgoingMessage, to destination: String, _ deadline: MessagingClock.Instant) throws {
        try Task.checkCancellation()
        journal.note(SentMessage(outgoing: message, destination: destination, deadline: deadline))
        if let error = script.withLock({ $0.nextFailure(of: message.target) }) { throw error }
    }

    private func reply(_ answer: Result<Message, ProcessingError>) throws(MessagingError) -> IncomingMessage {
        let serializer = JSONMessageSerializer()
        var reply = IncomingMessage(kind: .reply, id: RandomID.make(), contentType: serializer.contentType)
        switch answer {
        case .success(let message):
            reply.body = try serializer.encode(message.values())
            reply.headers = message.headers
        case .failure(let error): reply.failure = FailureRecord(code: error.code, message: error.message)
        }
        return reply
    }
}

/// What a test wants to happen.
private struct Script: Sendable {
    var answers: [String: Result<Message, ProcessingError>] = [:]
    var failures: [String: (error: MessagingError, times: Int)] = [:]

    mutating func nextFailure(of target: String) -> MessagingError? {
        guard let failure = failures[target], failure.times > 0 else { return nil }
        failures[target]?.times -= 1
        return failure.error
    }
}

/// Hears nothing.
private struct SilentSubscription: AdapterSubscription {
    func cancel() async {}

    func close() async {}
}
