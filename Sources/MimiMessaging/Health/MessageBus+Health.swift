extension MessageBus {
    /// Whether the bus can do its work at the moment, and if not, why. Answered at once, without asking the broker.
    public var health: BusHealth { monitor.look() }

    /// The health now, and each time it changes. Who is slow to listen misses what was in between, and never the last.
    ///
    /// ```swift
    /// for await health in bus.healthChanges { logger.notice("messaging is \(health)") }
    /// ```
    ///
    /// The sequence does not end by itself; cancel the task that listens.
    public var healthChanges: AsyncStream<BusHealth> { monitor.changes() }

    /// What to answer when an orchestrator asks whether this process is ready and alive.
    /// - Parameter deafAfter: How long a processor may be without its consumer, while the bus can send, before the process
    ///   counts as deaf and has to be restarted. Default: 60 s.
    public func probe(deafAfter: Duration = .seconds(60)) -> HealthProbe {
        HealthProbe(monitor: monitor, deafAfter: deafAfter)
    }
}
