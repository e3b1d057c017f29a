/// Spreads work over time: so much in a second, no more.
struct Pacer {
    private let interval: Duration?
    private var next = ContinuousClock.now

    /// - Parameter rate: How often in a second; nil for as often as can be.
    init(rate: Double?) { interval = rate.map { .seconds(1 / $0) } }

    /// Returns when it is time for the next. Who came late may hurry, but not by more than a second's worth.
    mutating func turn() async throws {
        guard let interval else { return }
        let now = ContinuousClock.now
        if next > now { try await Task.sleep(until: next, clock: .continuous) }
        next = max(next, now.advanced(by: .seconds(-1))).advanced(by: interval)
    }
}
