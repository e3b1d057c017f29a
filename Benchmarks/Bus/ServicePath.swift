import InMemoryTracing
import Metrics
import MetricsTestKit
import MimiMessaging
import Tracing

/// Handles commands as services do: a typed handler, whose body is decoded, which encodes an event of its own, with metrics
/// and traces recorded.
struct ServicePath {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws {
        MetricsSystem.bootstrap(TestMetrics())
        InstrumentationSystem.bootstrap(InMemoryTracer())
        let bus = try MessageBus.make(settings)
        let countdown = Countdown(settings)
        let serializer = JSONMessageSerializer()
        let options = ProcessorOptions(concurrency: settings.prefetch, prefetch: settings.prefetch)
        try await bus.requests(settings.queue, options: options) { requests in
            requests.on(Work.self) { work, _ in
                _ = try serializer.encode(work)
                countdown.step()
            }
        }
        try await bus.start()
        try await countdown.finish()
        await bus.stop()
    }
}
