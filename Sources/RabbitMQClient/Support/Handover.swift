/// Hands one value from a thread to one task, which may stop waiting for it.
final class Handover<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case empty
        case waiting(CheckedContinuation<Value?, Never>)
        case delivered(Value)
        case over
    }

    private let state = Lock(State.empty)

    /// Whether a value would be of use.
    var isWanted: Bool { state.withLock { if case .over = $0 { false } else { true } } }

    /// Leaves the value. Returns false when nobody wants it any more.
    func deliver(_ value: Value) -> Bool {
        let (isWanted, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value?, Never>?) in
            switch state {
            case .empty:
                state = .delivered(value)
                return (true, nil)
            case .waiting(let waiter):
                state = .over
                return (true, waiter)
            case .delivered, .over:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isWanted
    }

    /// Waits for the value; nil when the task is cancelled before it comes.
    func receive() async -> Value? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let ready = state.withLock { state -> Value?? in
                    switch state {
                    case .empty:
                        state = .waiting(waiter)
                        return nil
                    case .delivered(let value):
                        state = .over
                        return value
                    case .waiting, .over:
                        return .some(nil)
                    }
                }
                if let ready { waiter.resume(returning: ready) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Value?, Never>? in
                switch state {
                case .empty:
                    state = .over
                    return nil
                case .waiting(let waiter):
                    state = .over
                    return waiter
                case .delivered, .over:
                    return nil
                }
            }
            waiter?.resume(returning: nil)
        }
    }
}
