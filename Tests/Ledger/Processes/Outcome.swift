import MimiMessaging

/// What became of a call.
struct Outcome {
    let event: Entry.Event
    /// What was answered: the fingerprint of what the processor saw.
    var answer: String?
    var error: String?
    /// The bus takes no more.
    var isStopped = false

    /// The call has returned.
    /// - Parameters:
    ///   - answer: With a query.
    ///   - id: Which message it was.
    init(answer: Ask.Answer?, id: String) {
        let isMine = answer == nil || answer?.id == id
        event = isMine ? .ok : .wrong
        self.answer = answer?.hash
        error = isMine ? nil : "the answer is for \(answer?.id ?? "")"
    }

    /// The call for a message of this kind has thrown.
    init(_ error: any Error, kind: Draft.Kind) {
        self.error = "\(error)"
        guard let error = error as? MessagingError else {
            event = error is CancellationError ? .unknown : .wrong
            return
        }
        isStopped = error.code == .notStarted
        switch error.code {
        // Refused by one of its queues: the other one may have it.
        case .rejected where kind == .event: event = .unknown
        case .unroutable, .rejected, .invalidMessage, .invalidTarget, .serialization, .messageTooLarge, .notStarted:
            event = .definite
        case .timeout, .connection: event = .unknown
        default: event = .wrong
        }
    }
}
