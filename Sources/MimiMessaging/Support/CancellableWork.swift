/// Operations that somebody else may cancel, not only the task that waits for them.
final class CancellableWork: Sendable {
    private struct State {
        var running: [Int: @Sendable () -> Void] = [:]
        var nextID = 0

        mutating func note(_ cancel: @escaping @Sendable () -> Void) -> Int {
            nextID += 1
            running[nextID] = cancel
            return nextID
        }
    }

    private let state = Lock(State())

    /// Runs an operation in a task of its own, which is cancelled by ``cancel()`` and with the caller's task.
    func run(_ operation: @escaping @Sendable () async throws -> Void) async throws {
        let work = Task { try await operation() }
        let id = state.withLock { $0.note { work.cancel() } }
        defer { forget(id) }
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// Runs an operation in a task of its own, which is cancelled by ``cancel()`` alone.
    /// - Parameter cancelsOthers: Whether what runs already is cancelled. Of two that come at the same time, one is the
    ///   later.
    func runUncancelled(cancelsOthers: Bool = false, _ operation: @escaping @Sendable () async -> Void) async {
        let work = Task { await operation() }
        let (id, others) = state.withLock { state in
            let others = Array(state.running.values)
            return (state.note { work.cancel() }, others)
        }
        if cancelsOthers { for cancel in others { cancel() } }
        await work.value
        forget(id)
    }

    /// Cancels what runs now.
    func cancel() {
        for cancel in state.withLock({ Array($0.running.values) }) { cancel() }
    }

    private func forget(_ id: Int) { state.withLock { _ = $0.running.removeValue(forKey: id) } }
}
