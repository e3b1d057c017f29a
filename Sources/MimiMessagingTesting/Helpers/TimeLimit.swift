import MimiMessaging

/// Something that had to happen did not happen in time.
public struct TimeLimitExceeded: Error, Sendable, CustomStringConvertible {
    /// What was waited for.
    public let expectation: String
    /// How long it was waited for.
    public let limit: Duration

    public var description: String { "not within \(limit): \(expectation)" }
}

/// Runs an operation and waits for its end, but no longer than `limit` of real time. Then the operation is cancelled
/// and left alone, so that a test ends even if what it tests ignores cancellation.
/// - Parameter expectation: What is waited for; asked when the time is over.
/// - Throws: What the operation throws; ``TimeLimitExceeded``; `CancellationError` if the caller's task is cancelled.
package func within<Value: Sendable>(
    _ limit: Duration, _ expectation: @escaping @autoclosure @Sendable () -> String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do { race.finish(.success(try await operation())) } catch { race.finish(.failure(error)) }
    }
    let timer = Task {
        try await Task.sleep(for: limit)
        race.finish(.failure(TimeLimitExceeded(expectation: expectation(), limit: limit)))
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { race.await($0) }
    } onCancel: {
        race.finish(.failure(CancellationError()))
    }
}

/// The first result counts.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case finished(Result<Value, any Error>)
        case over
    }

    private let state = Lock(State.open)

    func await(_ continuation: CheckedContinuation<Value, any Error>) {
        let result: Result<Value, any Error>? = state.withLock { state in
            guard case .finished(let result) = state else {
                state = .awaited(continuation)
                return nil
            }
            state = .over
            return result
        }
        if let result { continuation.resume(with: result) }
    }

    func finish(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .finished(result)
                return nil
            case .awaited(let continuation):
                state = .over
                return continuation
            case .finished, .over: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
