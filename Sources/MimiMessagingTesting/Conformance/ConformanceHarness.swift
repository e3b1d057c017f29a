public import MimiMessaging

/// What the author of an adapter writes, so that the suite can judge it.
///
/// The buses of one harness share one broker. Beside the buses, the suite looks at the broker with the eyes of a
/// foreign tool: it reads dead letters, counts what waits, and sends messages that no bus would send. All names that it
/// gives to these requirements are complete, with the namespace. Each case has a namespace of its own, so that cases
/// can run at the same time.
///
/// ```swift
/// @Test("conformance", arguments: AdapterConformance.cases(for: MyHarness.features))
/// func conformance(_ testCase: ConformanceCase) async throws {
///     try await testCase.run(on: MyHarness())
/// }
/// ```
public protocol ConformanceHarness: Sendable {
    /// What the adapter may do otherwise than others.
    var features: AdapterFeatures { get }

    /// Creates a bus on the adapter, not started, with the clock `MessagingClock.continuous`.
    /// - Parameters:
    ///   - options: Those of the bus, among them `mq_namespace`; the harness adds those of the adapter.
    ///   - middleware: The middleware of the bus.
    ///   - serializers: The serializers of the bus.
    func makeBus(
        options: MessagingOptions, middleware: [any MessagingMiddleware], serializers: [any MessageSerializer]
    ) async throws -> MessageBus

    /// Takes the dead letters of a queue away from the broker: waits until there are `count`, but no longer than
    /// `limit`, and then returns all that there are, the oldest first.
    func takeDeadLetters(of queue: String, count: Int, within limit: Duration) async throws -> [DeadLetter]

    /// The number of messages that wait in a queue and are with no processor: waits until it is `count`, but no longer
    /// than `limit`, and then returns what it is.
    func depth(of queue: String, awaiting count: Int, within limit: Duration) async throws -> Int

    /// Puts a message into a queue that exists, past the bus.
    func send(_ message: ForeignMessage, toQueue queue: String) async throws

    /// Publishes a message to a topic that exists, past the bus.
    func send(_ message: ForeignMessage, toTopic topic: String) async throws

    /// Breaks all links of a bus to the broker, as a network does: without telling anybody. It returns at once; the bus
    /// has to find its way back. Only called if the adapter ``AdapterFeatures/hasLinks``.
    func breakLinks(of bus: MessageBus) async throws

    /// A case has ended: removes from the broker what may exist of these, with what belongs to them.
    func remove(queues: [String], topics: [String]) async throws
}

extension ConformanceHarness {
    /// Breaks nothing.
    public func breakLinks(of bus: MessageBus) async throws {}

    /// Leaves everything for the end of the broker.
    public func remove(queues: [String], topics: [String]) async throws {}
}
