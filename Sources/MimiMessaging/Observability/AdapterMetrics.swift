import Metrics

/// Counts and times what happens inside the adapter.
struct AdapterMetrics: Sendable {
    /// How many parts of an adapter get a label of their own.
    private static let partLimit = 500

    private let restorations: BoundedCache<String, Counter>
    private let otherRestorations: Counter
    private let blocked: Metrics.Timer
    private let confirmed: Metrics.Timer
    private let repliesDropped: Counter

    init(_ source: MetricSource) {
        let restored: @Sendable (String) -> Counter = { part in
            source.counter(MetricName.restored, [(AttributeName.part, part)])
        }
        restorations = BoundedCache(limit: Self.partLimit, make: restored)
        otherRestorations = restored(AttributeName.other)
        blocked = source.timer(MetricName.blocked)
        confirmed = source.timer(MetricName.confirmed)
        repliesDropped = source.counter(MetricName.repliesDropped)
    }

    func restored(_ part: String) { (restorations[part] ?? otherRestorations).increment() }

    func unblocked(after duration: Duration) { blocked.record(duration: duration) }

    func confirmed(after duration: Duration) { confirmed.record(duration: duration) }

    func replyDropped() { repliesDropped.increment() }
}
