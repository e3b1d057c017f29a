import Histogram
import MimiMessaging

/// Does one thing again and again, as fast as it can or at a rate, and measures how long it takes.
struct LoadGenerator: Sendable {
    /// When it is enough.
    enum Limit: Sendable {
        case count(Int)
        case duration(Duration)
    }

    let limit: Limit
    let concurrency: Int
    let rate: Double?

    /// What came of it.
    struct Outcome: Sendable {
        /// Microseconds.
        var latencies = LoadGenerator.emptyHistogram
        /// How often it failed, by the code of the error.
        var failures: [String: Int] = [:]
        var elapsed = Duration.zero
    }

    /// Microseconds up to an hour, three digits.
    static var emptyHistogram: Histogram<UInt64> {
        Histogram(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    }

    /// Runs it.
    ///
    /// At a rate, time counts from when it should have begun: what waits for a slow one before it is slow, too.
    /// - Parameters:
    ///   - done: Is told of each end.
    ///   - operation: What to do; it gets the number of the turn, from 0.
    func run(
        done: @escaping @Sendable () -> Void, _ operation: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Outcome {
        let next = Lock(0)
        let start = ContinuousClock.now
        var total = Outcome()
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    var outcome = Outcome()
                    while let (turn, due) = self.turn(next, start) {
                        try await Task.sleep(until: due, clock: .continuous)
                        let begin = rate == nil ? ContinuousClock.now : due
                        do {
                            try await operation(turn)
                            outcome.latencies.record(begin.duration(to: .now).wholeMicroseconds)
                        } catch let error as MessagingError {
                            outcome.failures[error.code.description, default: 0] += 1
                        }
                        done()
                    }
                    return outcome
                }
            }
            for try await outcome in group {
                total.latencies.add(outcome.latencies)
                total.failures.merge(outcome.failures) { $0 + $1 }
            }
        }
        total.elapsed = start.duration(to: .now)
        return total
    }

    /// The next turn and its time; nil when it is enough.
    private func turn(_ next: Lock<Int>, _ start: ContinuousClock.Instant) -> (Int, ContinuousClock.Instant)? {
        let turn = next.withLock { next in
            defer { next += 1 }
            return next
        }
        let due = rate.map { start.advanced(by: .seconds(Double(turn) / $0)) } ?? start
        switch limit {
        case .count(let count): return turn < count ? (turn, due) : nil
        case .duration(let duration): return max(due, .now) < start.advanced(by: duration) ? (turn, due) : nil
        }
    }
}

extension Duration {
    /// The span in microseconds, at least 1.
    var wholeMicroseconds: UInt64 { UInt64(max(1, inSeconds * 1_000_000)) }
}
