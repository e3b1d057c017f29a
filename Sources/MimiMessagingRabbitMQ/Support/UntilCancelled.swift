/// Waits for an operation to end, but no longer than until the caller's task is cancelled; the operation then ends by
/// itself.
func untilCancelled(_ operation: @escaping @Sendable () async -> Void) async {
    let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
    Task {
        await operation()
        continuation.finish()
    }
    for await _ in ended {}
}
