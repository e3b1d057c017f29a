import MimiMessaging

/// Creates the queues that all peers use, as this package declares them.
struct Topology {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func declare() async throws {
        let bus = try MessageBus.make(settings)
        if let topic = settings.topic {
            try await bus.events(topic, queue: settings.queue) { $0.event("work") { _, _ in } }
        } else {
            try await bus.requests(settings.queue) { $0.command("work") { _, _ in } }
        }
        try await bus.start()
        await bus.stop()
    }
}
