import Metrics

/// Counts and times one operation (sending to a target, processing a method) by how it ended.
struct OperationMetrics: Sendable {
    /// More types of errors than a healthy service has.
    private static let errorLimit = 20

    private struct Outcome: Sendable {
        let count: Counter
        let duration: Metrics.Timer
    }

    private let success: Outcome
    private let failures: BoundedCache<String, Outcome>
    private let otherFailure: Outcome

    /// - Parameters:
    ///   - count: The name of the counter.
    ///   - duration: The name of the timer.
    ///   - labels: What both are labelled with; an error adds its type.
    init(_ source: MetricSource, count: String, duration: String, labels: [(String, String)]) {
        let make: @Sendable ([(String, String)]) -> Outcome = { more in
            Outcome(
                count: source.counter(count, labels + more), duration: source.timer(duration, labels + more))
        }
        success = make([])
        failures = BoundedCache(limit: Self.errorLimit) { make([(AttributeName.errorType, $0)]) }
        otherFailure = make([(AttributeName.errorType, AttributeName.other)])
    }

    /// Notes that the operation has ended.
    /// - Parameters:
    ///   - error: The type of the error; nil for none.
    ///   - duration: How long it took.
    func ended(_ error: String?, after duration: Duration) {
        let outcome = error.map { failures[$0] ?? otherFailure } ?? success
        outcome.count.increment()
        outcome.duration.record(duration: duration)
    }
}
