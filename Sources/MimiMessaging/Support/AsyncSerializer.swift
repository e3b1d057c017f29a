import DequeModule

/// Lets one asynchronous operation run at a time, in the order of the calls.
final class AsyncSerializer: Sendable {
    private struct State {
        var isBusy = false
        var waiting: Deque<CheckedContinuation<Void, Never>> = []
    }

    private let state = Lock(State())

    /// Waits for its turn, then runs `operation`. The wait itself cannot be cancelled: turns are short and each ends by
    /// a deadline of its own.
    func run<Result>(_ operation: () async throws -> Result) async rethrows -> Result {
        await takeTurn()
        defer { passTurn() }
        return try await operation()
    }

    private func takeTurn() async {
        await withCheckedContinuation { continuation in
            let isMine = state.withLock { state in
                guard state.isBusy else {
                    state.isBusy = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isMine { continuation.resume() }
        }
    }

    private func passTurn() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.isBusy = false }
            return next
        }
        next?.resume()
    }
}
