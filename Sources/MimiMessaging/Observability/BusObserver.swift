/// What the bus makes of what its adapter tells: metrics and health.
struct BusObserver: AdapterObserver {
    private let look: @Sendable () -> Void
    private let metrics: AdapterMetrics?

    /// - Parameter monitor: Not kept alive: an adapter may keep its observer, and the monitor looks at the adapter.
    init(monitor: HealthMonitor, metrics: AdapterMetrics?) {
        look = { [weak monitor] in _ = monitor?.look() }
        self.metrics = metrics
    }

    func obstaclesChanged() { look() }

    func restored(_ part: String) { metrics?.restored(part) }

    func unblocked(after duration: Duration) { metrics?.unblocked(after: duration) }

    func confirmed(after duration: Duration) { metrics?.confirmed(after: duration) }

    func replyDropped() { metrics?.replyDropped() }
}
