/// Thrown by a processor that cannot take a message now: it is delivered again after the retry delay, and nothing is logged.
///
/// The message is never given up because of this, however often it happens.
public struct NACK: Error, Sendable {
    /// Creates it.
    public init() {}
}

/// Thrown by a processor to say what went wrong in words that may leave the process.
///
/// The asker of a query gets ``MessagingError/Code/remote`` with this code and message. Of any other error it learns
/// only the type, since descriptions may hold secrets.
public struct ProcessingError: Error, Sendable, CustomStringConvertible {
    /// A stable word that the asker can act upon, for example `order_not_found`.
    public var code: String
    /// What happened, for a person.
    public var message: String
    /// Whether trying again is useless: the message is dead-lettered at once.
    public var isFinal: Bool

    /// Creates an error.
    public init(code: String, message: String, isFinal: Bool = false) {
        self.code = code
        self.message = message
        self.isFinal = isFinal
    }

    public var description: String { "\(code): \(message)" }
}
