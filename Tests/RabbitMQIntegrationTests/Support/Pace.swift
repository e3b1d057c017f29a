/// How fast this machine is at the moment.
///
/// The bounds of the tests hold on a machine that has time. One that has not, because it runs much else, gets as much more as
/// a task needs more than it should to sleep for a millisecond, and wake up.
enum Pace {
    /// A bound, as it is at the moment: up to eight times as long.
    static func stretch(_ bound: Duration) async -> Duration {
        let taken = await timed { for _ in 0..<20 { try? await Task.sleep(for: .milliseconds(1)) } }
        return bound * min(max(taken / .milliseconds(40), 1), 8)
    }
}

/// Runs an operation and says how long it took.
func timed(_ operation: () async throws -> Void) async rethrows -> Duration {
    let start = ContinuousClock.now
    try await operation()
    return start.duration(to: .now)
}
