/// Hands out message numbers, not faster than so many in a second. Time that was lost is not made up for.
actor Pacer {
    private let interval: Duration
    private var number = 0
    private var next = ContinuousClock.now

    init(rate: Double) { interval = .seconds(1) / rate }

    /// The next number, when its time has come.
    func take() async throws -> Int {
        number += 1
        let mine = number
        let start = max(next, .now)
        next = start + interval
        try await Task.sleep(until: start, clock: .continuous)
        return mine
    }
}
