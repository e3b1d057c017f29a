import MimiMessaging

/// What handlers write down and a test waits for, so that no test sleeps.
///
/// ```swift
/// let locked = Journal<String>()
/// try await bus.requests("users") { users in
///     users.command("lock") { message, context in locked.note(try message["id"]) }
/// }
/// try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])
/// #expect(try await locked.wait(for: 1) == ["b3cc29c8d2ec68e0"])
/// ```
public final class Journal<Entry: Sendable>: Sendable {
    private struct State: Sendable {
        var entries: [Entry] = []
        var waiters: [Int: (count: Int, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var lastID = 0

        mutating func note(_ entry: Entry) -> [CheckedContinuation<Void, any Error>] {
            entries.append(entry)
            let satisfied = waiters.filter { $0.value.count <= entries.count }
            for id in satisfied.keys { waiters.removeValue(forKey: id) }
            return satisfied.values.map(\.continuation)
        }
    }

    /// How long ``wait(for:)`` waits, in real time.
    public let limit: Duration
    private let state = Lock(State())

    /// Creates an empty journal.
    /// - Parameter limit: How long ``wait(for:)`` waits, in real time. Default: 10 s.
    public init(limit: Duration = .seconds(10)) { self.limit = limit }

    /// What was noted so far, in order.
    public var entries: [Entry] { state.withLock { $0.entries } }

    /// Writes an entry down.
    public func note(_ entry: Entry) {
        for waiter in state.withLock({ $0.note(entry) }) { waiter.resume() }
    }

    /// Waits until there are at least so many entries.
    /// - Returns: All entries.
    /// - Throws: ``TimeLimitExceeded`` if they do not come, `CancellationError` if the task is cancelled.
    @discardableResult
    public func wait(for count: Int) async throws -> [Entry] {
        try await within(limit, "\(count) entries in the journal (there are \(self.entries.count))") {
            try await self.reach(count)
        }
        return entries
    }

    private func reach(_ count: Int) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.entries.count >= count { return .success(()) }
                    state.waiters[id] = (count, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}
