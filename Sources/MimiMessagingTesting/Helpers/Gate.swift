import MimiMessaging

/// A door that handlers wait at until a test opens it; from then on it stays open.
public final class Gate: Sendable {
    private struct State: Sendable {
        var isOpen = false
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var lastID = 0

        mutating func open() -> [CheckedContinuation<Void, any Error>] {
            isOpen = true
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    private let state = Lock(State())

    /// Creates a closed gate.
    public init() {}

    /// Lets everybody through who waits, and who comes later.
    public func open() {
        for waiter in state.withLock({ $0.open() }) { waiter.resume() }
    }

    /// Waits until the gate is open.
    /// - Throws: `CancellationError` if the task is cancelled first.
    public func wait() async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.isOpen { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Waits until the gate is open, whether the task is cancelled or not: what a handler does that minds nothing.
    public func waitIgnoringCancellation() async {
        // An unstructured task is not cancelled with its creator, and nobody else cancels this one.
        try? await Task { try await wait() }.value
    }
}
