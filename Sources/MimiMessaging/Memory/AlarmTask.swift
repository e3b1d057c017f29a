/// The one task of a broker that sleeps until something is due.
final class AlarmTask: Sendable {
    private struct State {
        var turn = 0
        var task: Task<Void, Never>?
    }

    /// Nobody sleeps longer: clocks need not know times that are years away.
    private static let longest = Duration.seconds(24 * 3600)

    private let state = Lock(State())

    /// Sets the alarm anew, unless a later change came first.
    func set(_ change: BrokerAlarm.Change, on clock: MessagingClock, ring: @escaping @Sendable (Int) -> Void) {
        let task = change.deadline.map { deadline in
            Task.detached {
                do {
                    try await clock.sleep(until: min(deadline, clock.now.advanced(by: Self.longest)))
                    ring(change.turn)
                } catch {
                    // Cancelled: another alarm took its place.
                }
            }
        }
        let stale = state.withLock { state -> Task<Void, Never>? in
            guard change.turn > state.turn else { return task }
            state.turn = change.turn
            defer { state.task = task }
            return state.task
        }
        stale?.cancel()
    }

    /// Ends the task.
    func stop() { state.withLock { $0.task }?.cancel() }
}
