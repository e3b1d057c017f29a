import Foundation
import MimiMessaging

/// Queries with the body coming back, from both sides.
struct Queries {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func ask() async throws {
        let bus = try await MessageBus.started(settings)
        _ = try await ask(settings.warmUp, over: bus)
        let measurement = Measurement()
        let latencies = try await ask(settings.count, over: bus)
        try measurement.report(count: settings.count, latencies: latencies)
        await bus.stop()
    }

    func answer() async throws {
        let bus = try MessageBus.make(settings)
        let countdown = Countdown(settings)
        let options = ProcessorOptions(concurrency: settings.prefetch, prefetch: settings.prefetch)
        try await bus.requests(settings.queue, options: options) { requests in
            requests.query("work") { message, _ in
                countdown.step()
                return message
            }
        }
        try await bus.start()
        try printLine(Data("ready".utf8))
        try await countdown.finish()
        await bus.stop()
    }

    private func ask(_ count: Int, over bus: MessageBus) async throws -> [Duration] {
        let message = makeMessage(bodySize: settings.bodySize)
        let target = try RequestTarget(settings.queue + "/work")
        return try await withThrowingTaskGroup { group in
            for share in shares(of: count, among: settings.outstanding) {
                group.addTask { try await timed(share) { _ = try await bus.query(target, message) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}
