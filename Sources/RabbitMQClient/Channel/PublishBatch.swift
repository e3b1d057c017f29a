/// Many publishes that one task waits for.
final class PublishBatch: Sendable {
    fileprivate struct State {
        var outcomes: [Result<Void, any Error>]
        var open: Int
        /// Called with the outcomes when all are over.
        var waiter: (@Sendable ([Result<Void, any Error>]) -> Void)?
    }

    private let state: Lock<State>

    /// - Parameter count: How many they are.
    init(count: Int) {
        state = Lock(State(outcomes: Array(repeating: .success(()), count: count), open: count))
    }

    /// Notes how one of them ended. Called once for each.
    func end(_ index: Int, with result: Result<Void, any Error>) {
        let (waiter, outcomes) = state.withLock { state in
            if case .failure = result { state.outcomes[index] = result }
            state.open -= 1
            return state.takeOutcomes()
        }
        waiter?(outcomes)
    }

    /// Returns when all are over, with the outcome of each in its place.
    func outcomes() async -> [Result<Void, any Error>] {
        await withCheckedContinuation { waiter in
            let (ready, outcomes) = state.withLock { state in
                state.waiter = { waiter.resume(returning: $0) }
                return state.takeOutcomes()
            }
            ready?(outcomes)
        }
    }
}

extension PublishBatch.State {
    /// Whom to resume with what, once, when there is nothing left to wait for.
    fileprivate mutating func takeOutcomes() -> (
        (@Sendable ([Result<Void, any Error>]) -> Void)?, [Result<Void, any Error>]
    ) {
        guard open == 0, let waiter else { return (nil, []) }
        self.waiter = nil
        return (waiter, outcomes)
    }
}
