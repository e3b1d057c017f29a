import UnixSignals

/// Somebody pressed Ctrl-C, or asked the process to end.
struct Interruption: Error {}

/// Runs an operation until it ends, or until the process is asked to end: then the operation is cancelled and may tidy up.
/// - Throws: ``Interruption`` after a signal; what the operation throws.
func interruptible<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { throw Interruption() }
            throw CancellationError()
        }
        group.addTask { try await operation() }
        let first = await group.nextResult()
        group.cancelAll()
        // After a signal: until the operation has tidied up.
        while await group.nextResult() != nil {}
        guard let first else { throw CancellationError() }
        return try first.get()
    }
}
