/// Who has to be resumed with what, collected during a turn of the loop and resumed at its end.
///
/// Resuming in one go lets the loop finish its reading first, and keeps foreign work from starting under its feet.
struct Resumptions {
    typealias Reply<Value> = CheckedContinuation<Result<Value, AMQPError>, Never>

    /// Boxed but for publishes, of which there are many.
    private enum Entry {
        case published(PublishWaiter)
        case publishFailed(PublishWaiter, any Error)
        indirect case answered(Reply<RPCAnswer>, Result<RPCAnswer, AMQPError>)
        indirect case opened(Reply<UInt16>, Result<UInt16, AMQPError>)
        indirect case done(CheckedContinuation<Void, Never>)
    }

    private var entries: [Entry] = []

    /// The message is where it should be.
    mutating func published(_ waiter: PublishWaiter) { entries.append(.published(waiter)) }

    /// The message is not, or nobody knows.
    mutating func publishFailed(_ waiter: PublishWaiter, _ error: any Error) {
        entries.append(.publishFailed(waiter, error))
    }

    /// A method was answered or failed.
    mutating func answer(_ waiter: Reply<RPCAnswer>, _ result: Result<RPCAnswer, AMQPError>) {
        entries.append(.answered(waiter, result))
    }

    /// A channel is open under this number, or is not.
    mutating func opened(_ waiter: Reply<UInt16>, _ result: Result<UInt16, AMQPError>) {
        entries.append(.opened(waiter, result))
    }

    /// Something that cannot fail is done.
    mutating func done(_ waiter: CheckedContinuation<Void, Never>) { entries.append(.done(waiter)) }

    /// Resumes them all, in the order in which they were added.
    mutating func resumeAll() {
        for entry in entries {
            switch entry {
            case .published(let waiter): waiter.resume(with: .success(()))
            case .publishFailed(let waiter, let error): waiter.resume(with: .failure(error))
            case .answered(let waiter, let result): waiter.resume(returning: result)
            case .opened(let waiter, let result): waiter.resume(returning: result)
            case .done(let waiter): waiter.resume()
            }
        }
        entries.removeAll(keepingCapacity: true)
    }
}
