/// Spreads something over time: so many per second, after a first second's worth at once.
final class Pacer: Sendable {
    private let interval: Duration
    private let clock: MessagingClock
    /// When the next turn would be, if turns were evenly spread from the start.
    private let next: Lock<MessagingClock.Instant>

    init(perSecond rate: Int, clock: MessagingClock) {
        interval = .seconds(1) / rate
        self.clock = clock
        next = Lock(clock.now)
    }

    /// Returns when it is the caller's turn, or when its task is cancelled.
    func turn() async {
        let now = clock.now
        let turn = next.withLock { next in
            defer { next = max(next, now).advanced(by: interval) }
            return next.advanced(by: .seconds(-1))
        }
        if turn > now { try? await clock.sleep(until: turn) }
    }
}
