/// What a processor listens to.
public struct Subscription: Hashable, Sendable {
    /// Where its messages come from. Names have the namespace already.
    public enum Source: Hashable, Sendable {
        /// Commands and queries of a queue, shared with the other processors of that queue.
        case requests(queue: String)
        /// Events of a topic. With a queue, one of the processors of that queue gets each event, and the events wait
        /// while there is none. Without, each processor gets each event, as long as it lives.
        case events(topic: String, queue: String?)
    }

    /// Where its messages come from.
    public var source: Source
    /// How many messages its processor handles at a time.
    public var concurrency: Int
    /// How many deliveries may be unsettled at a time; nil for what the adapter finds right for the concurrency.
    public var prefetch: Int?
    /// The delays that ``Settlement/retry(after:failure:)`` may ask for.
    public var retryDelays: [Duration]
    /// Only one of all processors of the queue gets messages at a time.
    public var isSingleActive: Bool
    /// A processor with a higher priority gets messages first; nil for the bus's default.
    public var priority: Int?
    /// Further arguments for declaring the queue, in the words of the bus.
    public var queueArguments: [String: MessageValue]

    /// Creates a subscription.
    public init(
        source: Source,
        concurrency: Int,
        prefetch: Int? = nil,
        retryDelays: [Duration] = [],
        isSingleActive: Bool = false,
        priority: Int? = nil,
        queueArguments: [String: MessageValue] = [:]
    ) {
        self.source = source
        self.concurrency = concurrency
        self.prefetch = prefetch
        self.retryDelays = retryDelays
        self.isSingleActive = isSingleActive
        self.priority = priority
        self.queueArguments = queueArguments
    }

    /// The queue, if its messages outlive the processor.
    public var durableQueue: String? {
        switch source {
        case .requests(let queue): queue
        case .events(_, let queue): queue
        }
    }
}

/// A running subscription of an adapter.
public protocol AdapterSubscription: Sendable {
    /// Stops delivering: when it returns, no more deliveries come. Those that were handed over can still be settled.
    /// Takes no longer than the adapter's own limit for one exchange with the bus, and returns at once when its task is
    /// cancelled.
    func cancel() async

    /// Frees what the subscription held. Called once, after ``cancel()``, when all deliveries are settled or given up:
    /// those that are not settled are delivered again. Returns at once when its task is cancelled.
    func close() async
}
