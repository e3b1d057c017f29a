/// Where adapters may differ, and what the suite has to know to judge them.
public struct AdapterFeatures: Sendable {
    /// Where a message goes that is given back because its processor stopped.
    public enum RequeuePosition: Sendable {
        /// To the front: it is the next that is delivered.
        case front
        /// Anywhere in its queue.
        case anywhere
    }

    /// Whether ``ConformanceHarness/breakLinks(of:)`` does something. An adapter without links has nothing to break.
    public var hasLinks: Bool
    /// Where a message goes that is given back.
    public var requeuePosition: RequeuePosition
    /// Whether processors with a higher priority get messages first.
    public var hasPriorities: Bool
    /// How long the suite waits for what must happen, in real time. What must not take long is given this time as well,
    /// so it has to be generous where tests run on a busy machine. Default: 30 s.
    public var patience: Duration

    /// Creates a description; the defaults are the strictest ones for an adapter without links.
    public init(
        hasLinks: Bool = false,
        requeuePosition: RequeuePosition = .front,
        hasPriorities: Bool = true,
        patience: Duration = .seconds(30)
    ) {
        self.hasLinks = hasLinks
        self.requeuePosition = requeuePosition
        self.hasPriorities = hasPriorities
        self.patience = patience
    }
}
