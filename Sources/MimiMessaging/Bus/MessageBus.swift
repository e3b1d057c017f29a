public import Configuration
public import Logging

/// Services talk over it: commands, queries and events, by logical targets.
///
/// ```swift
/// let bus = try MessageBus(options: ["mq_adapter": "memory"])
/// try await bus.requests("users") { users in
///     users.command("lock") { message, context in try await store.lock(message["id"]) }
/// }
/// try await bus.start()
/// try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])
/// ```
///
/// A bus is safe to use from any task. Several can live in one process and know nothing of each other.
public final class MessageBus: Sendable {
    let adapter: any MessagingAdapter
    let environment: BusEnvironment
    let state = Lock(BusState())
    /// Starting, stopping and registering happen one at a time.
    let transitions = AsyncSerializer()
    /// The start and the stops that are under way, to be cut short by a further stop.
    let (starts, stops) = (CancellableWork(), CancellableWork())

    /// Creates a bus with the adapter that `mq_adapter` names. Connects to nothing.
    /// - Parameters:
    ///   - options: `mq_adapter` and what the adapter needs.
    ///   - adapters: The adapters to choose from. `memory` is always there.
    ///   - serializers: The first one is used for sending, all of them for reading. JSON can always be read.
    ///   - middleware: Steps that each message passes; the first one is the outermost.
    ///   - clock: The time that deadlines and delays are told by.
    ///   - logger: Where the bus logs.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option.
    public convenience init(
        options: MessagingOptions,
        adapters: [any MessagingAdapter.Type] = [],
        serializers: [any MessageSerializer] = [],
        middleware: [any MessagingMiddleware] = [],
        clock: MessagingClock = .continuous,
        logger: Logger = Logger(label: "mimi-messaging")
    ) throws(MessagingError) {
        let chosen = try AdapterCatalog(adapters).adapter(chosenBy: try options.readingOnly("mq_adapter"))
        let options = try options.resolved(with: BusEnvironment.options + chosen.options)
        let environment = try BusEnvironment(
            options: options, system: chosen.name, serializers: serializers, middleware: middleware, clock: clock,
            logger: logger)
        let context = AdapterContext(
            options: options, logger: logger, clock: clock, maximumBodySize: environment.maximumBodySize)
        let adapter: any MessagingAdapter
        do {
            adapter = try chosen.init(context: context)
        } catch {
            throw error as? MessagingError
                ?? MessagingError(.configuration, "the adapter cannot be created", cause: error)
        }
        self.init(adapter: adapter, environment: environment)
    }

    /// Creates a bus with options from a configuration: `mq.adapter`, `mq.host`, …, hence `MQ_ADAPTER`, `MQ_HOST` in the
    /// environment. See ``init(options:adapters:serializers:middleware:clock:logger:)``.
    public convenience init(
        config: ConfigReader,
        adapters: [any MessagingAdapter.Type] = [],
        serializers: [any MessageSerializer] = [],
        middleware: [any MessagingMiddleware] = [],
        clock: MessagingClock = .continuous,
        logger: Logger = Logger(label: "mimi-messaging")
    ) throws(MessagingError) {
        try self.init(
            options: MessagingOptions(config), adapters: adapters, serializers: serializers, middleware: middleware,
            clock: clock, logger: logger)
    }

    /// Creates a bus on an adapter that exists: one of several buses on an in-process broker, or an adapter of a test.
    /// - Parameters:
    ///   - adapter: The adapter, not started.
    ///   - options: The options of the bus; those of the adapter were given to the adapter.
    ///   - serializers: The first one is used for sending, all of them for reading. JSON can always be read.
    ///   - middleware: Steps that each message passes; the first one is the outermost.
    ///   - clock: The time that deadlines and delays are told by.
    ///   - logger: Where the bus logs.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option.
    public convenience init(
        adapter: any MessagingAdapter,
        options: MessagingOptions = [:],
        serializers: [any MessageSerializer] = [],
        middleware: [any MessagingMiddleware] = [],
        clock: MessagingClock = .continuous,
        logger: Logger = Logger(label: "mimi-messaging")
    ) throws(MessagingError) {
        let name = type(of: adapter).name
        let options = try options.resolved(with: BusEnvironment.options)
        guard try options.choice("mq_adapter", of: [name]) ?? name == name else {
            throw MessagingError(.configuration, "the option 'mq_adapter' contradicts the adapter that is given")
        }
        let environment = try BusEnvironment(
            options: options, system: name, serializers: serializers, middleware: middleware, clock: clock,
            logger: logger)
        self.init(adapter: adapter, environment: environment)
    }

    private init(adapter: any MessagingAdapter, environment: BusEnvironment) {
        self.adapter = adapter
        self.environment = environment
    }
}
