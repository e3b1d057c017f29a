import MimiMessagingTesting

/// Runs an operation in a task that is cancelled before it begins.
func cancelledTask<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
) -> Task<Value, any Error> {
    let gate = Gate()
    let task = Task {
        await gate.waitIgnoringCancellation()
        return try await operation()
    }
    task.cancel()
    gate.open()
    return task
}
