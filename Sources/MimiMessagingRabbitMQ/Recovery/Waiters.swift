import MimiMessaging

/// Tasks that wait for a value each, under a deadline each. Every one ends: by its value, an error, its deadline or its
/// cancellation, whichever is first.
final class Waiters<Value: Sendable>: Sendable {
    /// Boxed, since there are thousands in a dictionary.
    private enum Slot {
        /// Reserved; nobody waits yet.
        case reserved
        indirect case waiting(CheckedContinuation<Value, any Error>)
        /// Over before anybody waited.
        indirect case over(Result<Value, any Error>)
    }

    private struct State {
        var slots: [UInt64: Slot] = [:]
        var nextID: UInt64 = 0
    }

    private let state: Lock<State>
    private let timer: DeadlineTimer

    /// - Parameter timeout: The error of a deadline that passed.
    init(clock: MessagingClock, timeout: @escaping @Sendable () -> any Error) {
        let state = Lock(State())
        self.state = state
        timer = DeadlineTimer(clock: clock) { id in
            state.withLock { $0.slots[id] != nil }
        } expired: { id in
            Self.end(id, with: .failure(timeout()), in: state)
        }
    }

    /// The number of those that wait.
    var count: Int { state.withLock { $0.slots.count } }

    /// The number of deadlines that are remembered.
    var deadlineCount: Int { timer.count }

    /// Takes a place, so that what comes before the wait is not missed. Every place is waited on, or released.
    func reserve() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            state.slots[state.nextID] = .reserved
            return state.nextID
        }
    }

    /// Waits on a place; without a deadline, as long as it takes.
    func wait(_ id: UInt64, until deadline: MessagingClock.Instant?) async throws -> Value {
        if let deadline { timer.schedule(id, at: deadline) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let over: Result<Value, any Error>? = state.withLock { state in
                    switch state.slots[id] {
                    case .over(let result):
                        state.slots[id] = nil
                        return result
                    case .reserved:
                        state.slots[id] = .waiting(continuation)
                        return nil
                    case .waiting, nil: return .failure(CancellationError())
                    }
                }
                if let over { continuation.resume(with: over) }
            }
        } onCancel: {
            end(id, with: .failure(CancellationError()))
        }
    }

    /// Gives a place back that nobody waits on.
    func release(_ id: UInt64) { state.withLock { _ = $0.slots.removeValue(forKey: id) } }

    /// Ends one wait.
    /// - Returns: Whether there was one.
    @discardableResult
    func end(_ id: UInt64, with result: Result<Value, any Error>) -> Bool { Self.end(id, with: result, in: state) }

    /// Ends all waits.
    func endAll(with result: Result<Value, any Error>) {
        for id in state.withLock({ Array($0.slots.keys) }) { end(id, with: result) }
    }

    /// Ends all waits for good: deadlines are forgotten.
    func stop(with error: any Error) {
        forgetDeadlines()
        endAll(with: .failure(error))
    }

    /// Whoever waits is sure to be ended otherwise.
    func forgetDeadlines() { timer.stop() }

    @discardableResult
    private static func end(_ id: UInt64, with result: Result<Value, any Error>, in state: Lock<State>) -> Bool {
        let (isFound, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            switch state.slots[id] {
            case .reserved:
                state.slots[id] = .over(result)
                return (true, nil)
            case .waiting(let continuation):
                state.slots[id] = nil
                return (true, continuation)
            case .over, nil: return (false, nil)
            }
        }
        continuation?.resume(with: result)
        return isFound
    }
}
