/// Who hears how a publish ended.
@safe
enum PublishWaiter: Sendable {
    /// A task that waits for this one.
    // Unsafe, since a checked one costs an allocation and has no layout that the compiler knows. That it is resumed once
    // and not twice is what `PublishRequest` is for.
    case task(UnsafeContinuation<Void, any Error>)
    /// Somebody who waits for other things as well; called while the connection's loop is in use, so it must not block.
    case callback(@Sendable (Result<Void, any Error>) -> Void)

    /// Says so.
    func resume(with result: Result<Void, any Error>) {
        switch self {
        case .task(let continuation): unsafe continuation.resume(with: result)
        case .callback(let call): call(result)
        }
    }
}
