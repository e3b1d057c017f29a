#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Answers for the readiness and liveness probes of an orchestrator, over whatever HTTP server a service has.
///
/// ```swift
/// let answer = bus.probe().ready()
/// return Response(status: .init(code: answer.status), body: answer.body)
/// ```
public struct HealthProbe: Sendable {
    /// What to answer.
    public struct Answer: Hashable, Sendable {
        /// Whether all is as it should be.
        public let isHealthy: Bool
        /// Why, as JSON: `status`, and `obstacles` with `kind`, `subject`, `reason` and `seconds` each.
        public let body: String

        /// The HTTP status: 200 or 503.
        public var status: Int { isHealthy ? 200 : 503 }
        /// The media type of the body.
        public var contentType: String { "application/json" }
    }

    let monitor: HealthMonitor
    let deafAfter: Duration

    /// Whether to send work to this process. It is ready unless the bus is down. While it is degraded it stays ready:
    /// taking every instance away because the broker has an alarm helps nobody.
    public func ready() -> Answer {
        let (health, ages) = monitor.lasting()
        if case .down = health { return answer(false, health, ages) }
        return answer(true, health, ages)
    }

    /// Whether this process is worth keeping. It is not when it is deaf: a processor has been without its consumer for too
    /// long although the broker can be reached. A broker that is away, or that refuses something, is no reason to
    /// restart: it would not help.
    public func live() -> Answer {
        let (health, ages) = monitor.lasting()
        if case .down = health { return answer(true, health, ages) }
        let isDeaf = zip(health.obstacles, ages).contains { $0.kind == .disconnected && $1 >= deafAfter }
        return answer(!isDeaf, health, ages)
    }

    /// The body of an answer.
    private struct Report: Encodable {
        struct Obstacle: Encodable {
            let kind: String
            let subject: String
            let reason: String
            let seconds: Int64
        }

        let status: String
        let obstacles: [Obstacle]
    }

    private func answer(_ isHealthy: Bool, _ health: BusHealth, _ ages: [Duration]) -> Answer {
        let report = Report(
            status: health.name,
            obstacles: zip(health.obstacles, ages).map { obstacle, age in
                Report.Obstacle(
                    kind: obstacle.kind.description, subject: obstacle.subject, reason: obstacle.reason,
                    seconds: age.components.seconds)
            })
        let encoder = JSONEncoder()
        // The same health is the same text.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(report)).map { String(decoding: $0, as: UTF8.self) }
        // Strings and whole numbers can always be encoded.
        return Answer(isHealthy: isHealthy, body: body ?? "{}")
    }
}
