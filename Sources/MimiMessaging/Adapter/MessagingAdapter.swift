public import Logging

/// What a message bus has to do for this layer: the contract of every adapter.
///
/// The bus (``MessageBus``) checks targets, serializes, runs middleware and processors, and decides what becomes of each
/// delivery. The adapter carries bytes. It is created once per bus and may be started again after a stop.
///
/// Rules for every requirement that waits:
/// - it ends at its deadline at the latest, with ``MessagingError/Code/timeout``;
/// - it ends at once with `CancellationError` when its task is cancelled, and leaves nothing behind;
/// - it throws ``MessagingError`` otherwise, and never a type of its own.
///
/// The conformance suite of `MimiMessagingTesting` checks an adapter against this contract.
public protocol MessagingAdapter: Sendable {
    /// The name that `mq_adapter` chooses it by.
    static var name: String { get }

    /// The options that it understands beside those of the bus.
    static var options: [OptionDefinition] { get }

    /// The options, by their keys, that shape what it declares on the bus, with the values that hold. Nothing secret.
    /// By default there are none.
    var topologyOptions: [String: String] { get }

    /// Reads the options; connects to nothing.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option.
    init(context: AdapterContext) throws

    /// Connects. Called when the adapter is stopped.
    /// - Parameter observer: Hears what happens inside the adapter from now until ``stop(deadline:)`` returns.
    /// - Throws: `connection`, `authentication`, `accessRefused`.
    func start(observer: any AdapterObserver) async throws

    /// Disconnects: waits for sends under way until the deadline, then fails them. If its task is cancelled, it waits no
    /// longer. All subscriptions were cancelled before. Afterwards the adapter holds no thread, task or connection.
    func stop(deadline: MessagingClock.Instant) async

    /// Delivers a command: returns when the bus has taken the message for the queue and will not lose it.
    /// - Throws: `unroutable` at once if there is no such queue; `rejected`, `messageTooLarge`, `connection`, `timeout`.
    func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws

    /// Delivers a query and waits for its reply. What waits on the bus when the deadline passes is not to be delivered any
    /// more.
    /// - Returns: The reply, whether it is an answer or a failure (``IncomingMessage/failure``).
    /// - Throws: as ``command(_:to:deadline:)``; `timeout` when no reply came.
    func query(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws
        -> IncomingMessage

    /// Publishes an event: returns when the bus has taken it for each queue that listens to the topic. That nobody
    /// listens is no error.
    /// - Throws: `rejected`, `messageTooLarge`, `connection`, `timeout`.
    func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws

    /// Delivers commands to one queue, in order, with as little waiting as the bus allows. By default each is delivered by
    /// ``command(_:to:deadline:)``, one after the other.
    /// - Parameters:
    ///   - messages: The commands.
    ///   - queue: Where they go.
    ///   - deadline: When all of it ends.
    /// - Returns: Why messages failed, by their position; the bus has taken the others and will not lose them.
    /// - Throws: `CancellationError`, and what keeps the adapter from sending at all.
    func commands(
        _ messages: [OutgoingMessage], to queue: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError]

    /// Publishes events to one topic, as ``commands(_:to:deadline:)`` delivers commands. By default each is published by
    /// ``event(_:to:deadline:)``, one after the other.
    /// - Parameters:
    ///   - messages: The events.
    ///   - topic: Where they go.
    ///   - deadline: When all of it ends.
    /// - Returns: Why messages failed, by their position; the bus has taken the others for each queue that listens.
    /// - Throws: `CancellationError`, and what keeps the adapter from sending at all.
    func events(
        _ messages: [OutgoingMessage], to topic: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError]

    /// Starts to deliver messages: declares what is needed on the bus, then hands each message to `receiver`, until the
    /// subscription is cancelled. A link that breaks is mended without the bus noticing.
    ///
    /// `receiver` never blocks. The number of deliveries that are not settled stays bounded, by
    /// ``Subscription/prefetch`` if that is given.
    /// - Throws: `topology`, `accessRefused`, `connection`, `timeout`.
    func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription

    /// What keeps the adapter from its work at the moment; empty when all is well. Asked from any task, and answered at
    /// once. By default empty.
    var obstacles: [BusObstacle] { get }
}

extension MessagingAdapter {
    public var obstacles: [BusObstacle] { [] }

    public func commands(
        _ messages: [OutgoingMessage], to queue: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await failures(of: messages) { try await command($0, to: queue, deadline: deadline) }
    }

    public func events(
        _ messages: [OutgoingMessage], to topic: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await failures(of: messages) { try await event($0, to: topic, deadline: deadline) }
    }

    private func failures(
        of messages: [OutgoingMessage], sending send: (OutgoingMessage) async throws -> Void
    ) async throws -> [Int: MessagingError] {
        var failures: [Int: MessagingError] = [:]
        for (position, message) in messages.enumerated() {
            do {
                try await send(message)
            } catch let error as MessagingError {
                failures[position] = error
            }
        }
        return failures
    }

    /// Connects an adapter that no bus listens to, for example in a test. See ``start(observer:)``.
    package func start() async throws { try await start(observer: SilentObserver()) }
}

extension MessagingAdapter {
    /// None.
    public var topologyOptions: [String: String] { [:] }
}

/// What an adapter is created with.
public struct AdapterContext: Sendable {
    /// The options, with those that ``MessagingAdapter/options`` names.
    public var options: MessagingOptions
    /// The logger to use; the adapter adds metadata of its own.
    public var logger: Logger
    /// The clock that deadlines are told by.
    public var clock: MessagingClock
    /// The largest body in bytes that is sent or accepted (`mq_max_body_size`).
    public var maximumBodySize: Int
    /// Who gives user and password, instead of options; nil if nobody does. An adapter that logs in nowhere ignores it.
    public var credentials: CredentialProvider?

    /// Creates a context, for example to create an adapter by hand.
    public init(
        options: MessagingOptions = [:],
        logger: Logger = Logger(label: "mimi-messaging"),
        clock: MessagingClock = .continuous,
        maximumBodySize: Int = 16 * 1024 * 1024,
        credentials: CredentialProvider? = nil
    ) {
        self.options = options
        self.logger = logger
        self.clock = clock
        self.maximumBodySize = maximumBodySize
        self.credentials = credentials
    }
}
