/// What the bus makes of what its adapter tells: metrics and health.
struct BusObserver: AdapterObserver {
    let monitor: HealthMonitor
    let metrics: AdapterMetrics?

    func obstaclesChanged() { monitor.look() }

    func restored(_ part: String) { metrics?.restored(part) }

    func unblocked(after duration: Duration) { metrics?.unblocked(after: duration) }

    func confirmed(after duration: Duration) { metrics?.confirmed(after: duration) }

    func replyDropped() { metrics?.replyDropped() }
}
