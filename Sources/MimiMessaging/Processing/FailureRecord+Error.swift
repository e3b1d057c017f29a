extension FailureRecord {
    /// An error in words that may leave the process: those of this layer and of ``ProcessingError``; of other errors,
    /// whose descriptions may hold secrets, only the type.
    init(describing error: any Error) {
        switch error {
        case let error as ProcessingError: self.init(code: error.code.cut(toUTF8Length: 128), message: error.message)
        case let error as MessagingError: self.init(error)
        case let refused as RefusedMessage: self.init(refused.error)
        default: self.init(code: "error", message: "the processor failed with \(type(of: error))")
        }
    }

    init(_ error: MessagingError) {
        self.init(code: error.code.description, message: error.message)
    }
}
