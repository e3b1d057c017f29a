import DequeModule
import MimiMessaging

/// Lets one through at a time, in order; each waits under a deadline of its own.
final class Turns: Sendable {
    private struct State {
        var isTaken = false
        var queue: Deque<UInt64> = []
    }

    private let state = Lock(State())
    private let waiters: Waiters<Void>

    /// - Parameter timeout: The error of a deadline that passed.
    init(clock: MessagingClock, timeout: @escaping @Sendable () -> any Error) {
        waiters = Waiters(clock: clock, timeout: timeout)
    }

    /// Waits for a turn. Whoever gets one passes it on.
    func take(before deadline: MessagingClock.Instant) async throws -> Turn {
        let place = waiters.reserve()
        let isMine = state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return true
            }
            state.queue.append(place)
            return false
        }
        if isMine {
            waiters.release(place)
        } else {
            try await waiters.wait(place, until: deadline)
        }
        return Turn(turns: self)
    }

    fileprivate func pass() {
        while true {
            let next = state.withLock { state in
                let next = state.queue.popFirst()
                if next == nil { state.isTaken = false }
                return next
            }
            // Whoever does not wait any more is passed over.
            guard let next, !waiters.end(next, with: .success(())) else { return }
        }
    }
}

/// A turn, passed on once.
final class Turn: Sendable {
    private let turns: Lock<Turns?>

    fileprivate init(turns: Turns) { self.turns = Lock(turns) }

    /// Lets the next one through.
    func pass() {
        let turns = turns.withLock { turns in
            defer { turns = nil }
            return turns
        }
        turns?.pass()
    }
}
