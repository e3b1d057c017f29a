/// Who hears how a publish ended.
enum PublishWaiter: Sendable {
    /// A task that waits for this one.
    case task(CheckedContinuation<Void, any Error>)
    /// Somebody who waits for other things as well; called on the connection's thread.
    case callback(@Sendable (Result<Void, any Error>) -> Void)

    /// Says so.
    func resume(with result: Result<Void, any Error>) {
        switch self {
        case .task(let continuation): continuation.resume(with: result)
        case .callback(let call): call(result)
        }
    }
}
