import MimiMessaging

/// What a bus costs that sends nothing.
struct Lifecycle {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// How long `start()` takes, again and again.
    func measureStart() async throws {
        let bus = try MessageBus.make(settings)
        let measurement = Measurement()
        var latencies: [Duration] = []
        for _ in 0..<settings.count {
            let start = ContinuousClock.now
            try await bus.start()
            latencies.append(start.duration(to: .now))
            await bus.stop()
        }
        try measurement.report(count: settings.count, latencies: latencies)
    }

    /// What ten idle consumers take; a message of the report is a second.
    func measureIdleness() async throws {
        let bus = try MessageBus.make(settings)
        for number in 1...10 {
            try await bus.requests("bench.idle.\(number)") { $0.command("work") { _, _ in } }
        }
        try await bus.start()
        // What starting has left to do is done by then: after ten seconds a connection counts as one that lasts.
        try await Task.sleep(for: .seconds(12))
        let measurement = Measurement()
        try await Task.sleep(for: .seconds(settings.count))
        try measurement.report(count: settings.count)
        await bus.stop()
    }
}
