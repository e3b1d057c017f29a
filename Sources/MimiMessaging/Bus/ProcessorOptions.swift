/// How one processor works, where it differs from the options of the bus.
public struct ProcessorOptions: Sendable {
    /// How many messages it handles at a time; nil for `mq_concurrency`.
    public var concurrency: Int?
    /// How many messages it holds that are not done; nil for what the adapter finds right for the concurrency.
    public var prefetch: Int?
    /// When failed messages are delivered again; nil for `mq_retry_…`.
    public var retryPolicy: RetryPolicy?
    /// Whether a failed query is retried like a command, while its asker waits. By default the asker gets
    /// ``MessagingError/Code/remote`` at once.
    public var retriesQueries: Bool
    /// Only one of all processors of the queue gets messages at a time; another takes over when it goes.
    public var isSingleActive: Bool
    /// A processor with a higher priority gets messages first; nil for the bus's default.
    public var priority: Int?
    /// Further arguments for declaring the queue, in the words of the bus.
    public var queueArguments: [String: MessageValue]

    /// Creates options; each has the bus's default.
    public init(
        concurrency: Int? = nil,
        prefetch: Int? = nil,
        retryPolicy: RetryPolicy? = nil,
        retriesQueries: Bool = false,
        isSingleActive: Bool = false,
        priority: Int? = nil,
        queueArguments: [String: MessageValue] = [:]
    ) {
        self.concurrency = concurrency
        self.prefetch = prefetch
        self.retryPolicy = retryPolicy
        self.retriesQueries = retriesQueries
        self.isSingleActive = isSingleActive
        self.priority = priority
        self.queueArguments = queueArguments
    }
}
