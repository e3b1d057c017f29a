import MimiMessaging

/// Counts what is under way, and waits until nothing is.
final class InFlight: Sendable {
    private struct State {
        var count = 0
        var idle: [UInt64] = []
    }

    private let state = Lock(State())
    private let waiters: Waiters<Void>

    init(clock: MessagingClock) {
        waiters = Waiters(clock: clock) { CancellationError() }
    }

    /// Runs one more.
    func run<Result>(_ operation: () async throws -> Result) async rethrows -> Result {
        state.withLock { $0.count += 1 }
        defer { leave() }
        return try await operation()
    }

    /// Returns when nothing is under way, or at the deadline.
    func waitUntilIdle(before deadline: MessagingClock.Instant) async {
        let place = waiters.reserve()
        let isIdle = state.withLock { state in
            if state.count > 0 { state.idle.append(place) }
            return state.count == 0
        }
        guard !isIdle else { return waiters.release(place) }
        try? await waiters.wait(place, until: deadline)
    }

    private func leave() {
        let idle = state.withLock { state -> [UInt64] in
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.idle = [] }
            return state.idle
        }
        for place in idle { waiters.end(place, with: .success(())) }
    }
}
