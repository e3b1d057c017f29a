import Logging

/// What the sending and the processing side of a bus share; fixed when the bus is created. Metrics and spans go to the
/// backends that the process has then. An object, since each message takes it along.
final class BusEnvironment: Sendable {
    let namespace: String
    let appID: String?
    let queryTimeout: Duration
    let publishTimeout: Duration
    let shutdownTimeout: Duration
    let concurrency: Int
    /// How many messages a processor may handle at a time.
    static let concurrencies = 1...10_000
    let maximumBodySize: Int
    let maximumPendingQueries: Int
    /// How many messages of a processor are moved to the dead letters in a second.
    let deadLetterRate: Int
    let retryPolicy: RetryPolicy
    /// The level of the line for each message that is sent or processed.
    let logLevel: Logger.Level
    let serializers: SerializerRegistry
    let chain: MiddlewareChain
    /// nil if nothing is measured.
    let metrics: MetricSource?
    let clock: MessagingClock
    let logger: Logger

    /// Whether a message is fit to be sent, as it comes out of the middleware.
    /// - Throws: ``MessagingError/Code/messageTooLarge``, ``MessagingError/Code/invalidMessage``.
    func check(_ message: OutgoingMessage) throws(MessagingError) {
        try checkSize(message.body)
        try message.headers.validate()
    }

    /// - Throws: ``MessagingError/Code/messageTooLarge``.
    func checkSize(_ body: [UInt8]) throws(MessagingError) {
        guard body.count <= maximumBodySize else {
            throw MessagingError(
                .messageTooLarge, "the body has \(body.count) bytes, more than mq_max_body_size (\(maximumBodySize))")
        }
    }

    /// The options of every bus, whatever its adapter.
    static let options = [
        OptionDefinition("mq_adapter", "The name of the adapter. Required."),
        OptionDefinition("mq_namespace", "What stands before each queue and topic on the bus. Default: nothing."),
        OptionDefinition("mq_app_id", "The name of this service, sent with each message. Default: none."),
        OptionDefinition("mq_default_query_timeout", "How long a query waits for its answer. Default: 15 s."),
        OptionDefinition("mq_publish_timeout", "How long a command or event may take to be confirmed. Default: 15 s."),
        OptionDefinition(
            "mq_shutdown_timeout", "How long running handlers may take to finish when the bus stops. Default: 30 s."),
        OptionDefinition("mq_concurrency", "How many messages a processor handles at a time. Default: 16."),
        OptionDefinition(
            "mq_max_body_size", "The largest body in bytes, sent or received. Default: 16777216 (16 MiB)."),
        OptionDefinition("mq_max_pending_queries", "How many queries may wait for their answers. Default: 10000."),
        OptionDefinition(
            "mq_dead_letter_rate", "How many messages of a processor become dead letters in a second. Default: 1000."),
        OptionDefinition(
            "mq_retry_max_attempts", "How often a message is delivered before it is dead-lettered. Default: 10."),
        OptionDefinition("mq_retry_immediate", "How many retries follow without delay. Default: 0."),
        OptionDefinition(
            "mq_retry_delays", "The delays of further retries; the last one repeats. Default: 1s,5s,30s,2m,10m."),
        OptionDefinition("mq_log_at_level", "The log level of the line for each message. Default: debug."),
        OptionDefinition(
            "mq_trace_events",
            "link or child: what the span that processes an event is to the span that sent it. Default: link."),
    ]

    /// - Parameters:
    ///   - system: The name of the adapter, for spans and metrics.
    ///   - middleware: That of the user, inside of tracing and metrics.
    init(
        options: MessagingOptions, system: String, serializers: [any MessageSerializer],
        middleware: [any MessagingMiddleware], clock: MessagingClock, logger: Logger
    ) throws(MessagingError) {
        namespace = try options.string("mq_namespace") ?? ""
        guard TargetGrammar.isNamespace(namespace) else {
            throw MessagingError(
                .configuration, "the option 'mq_namespace' must be made of letters, digits, '_', '-' and '.'")
        }
        appID = try options.string("mq_app_id")
        guard (appID ?? "").utf8.count <= 255 else {
            throw MessagingError(.configuration, "the option 'mq_app_id' must be at most 255 bytes")
        }
        let shortest = Duration.milliseconds(1)
        queryTimeout = try options.duration("mq_default_query_timeout", atLeast: shortest) ?? .seconds(15)
        publishTimeout = try options.duration("mq_publish_timeout", atLeast: shortest) ?? .seconds(15)
        shutdownTimeout = try options.duration("mq_shutdown_timeout") ?? .seconds(30)
        concurrency = try options.integer("mq_concurrency", in: Self.concurrencies) ?? 16
        maximumBodySize = try options.integer("mq_max_body_size", in: 1...(1 << 30)) ?? 16 * 1024 * 1024
        maximumPendingQueries = try options.integer("mq_max_pending_queries", in: 1...10_000_000) ?? 10_000
        deadLetterRate = try options.integer("mq_dead_letter_rate", in: 1...1_000_000) ?? 1000
        let levels = Logger.Level.allCases.map(\.rawValue)
        logLevel = try options.choice("mq_log_at_level", of: levels).flatMap(Logger.Level.init(rawValue:)) ?? .debug
        let standard = RetryPolicy.standard
        retryPolicy = RetryPolicy(
            maximumAttempts: try options.integer("mq_retry_max_attempts", in: 1...1_000_000)
                ?? standard.maximumAttempts,
            immediateRetries: try options.integer("mq_retry_immediate", in: 0...1_000_000) ?? standard.immediateRetries,
            delays: try options.durations("mq_retry_delays") ?? standard.delays)
        self.serializers = try SerializerRegistry(serializers)
        metrics = MetricSource(system: system)
        let tracing = TracingMiddleware(
            system: system,
            events: try options.choice("mq_trace_events", of: TracingMiddleware.EventRelation.allCases.map(\.rawValue))
                .flatMap(TracingMiddleware.EventRelation.init(rawValue:)) ?? .link)
        let observing: [(any MessagingMiddleware)?] = [tracing, metrics.map { SendMetrics($0, clock: clock) }]
        chain = MiddlewareChain(observing.compactMap { $0 } + middleware)
        self.clock = clock
        self.logger = logger
    }
}
