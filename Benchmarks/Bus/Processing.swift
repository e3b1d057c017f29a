import Foundation
import MimiMessaging

/// Handles commands in an asynchronous handler; each is acknowledged.
struct Processing {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws {
        let bus = try MessageBus.make(settings)
        let countdown = Countdown(settings)
        let options = ProcessorOptions(concurrency: settings.prefetch, prefetch: settings.prefetch)
        try await bus.requests(settings.queue, options: options) { requests in
            requests.command("work") { _, _ in countdown.step() }
        }
        try await bus.start()
        try await countdown.finish()
        await bus.stop()
    }
}
