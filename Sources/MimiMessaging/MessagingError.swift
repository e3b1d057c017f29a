/// What went wrong with a message, a target, an option or the bus.
///
/// Every call of this layer that fails throws this type, or `CancellationError` if its task was cancelled. Descriptions
/// never hold passwords or message bodies.
public struct MessagingError: Error, Sendable {
    /// The kind of error. New kinds may come with new versions, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The stable name of the kind, as it appears in logs, metrics and error replies.
        public let description: String

        /// Names a kind; adapters may have kinds of their own.
        public init(_ name: String) { description = name }

        /// A target that is not `queue/method` or `topic#type`, or is too long.
        public static let invalidTarget = Code("invalid_target")
        /// A missing, unknown, malformed or contradictory option; the message names it.
        public static let configuration = Code("configuration")
        /// A processor that cannot be registered: the same method twice, or a target of another queue.
        public static let registration = Code("registration")
        /// Sending before `start()` or after `stop()`.
        public static let notStarted = Code("not_started")
        /// A body that cannot be encoded, or is not what was expected when it is decoded.
        public static let serialization = Code("serialization")
        /// A message that cannot be sent as it is: a header name that is reserved, empty or too long.
        public static let invalidMessage = Code("invalid_message")
        /// A body over `mq_max_body_size`, or over the limit of the bus.
        public static let messageTooLarge = Code("message_too_large")
        /// No such queue: nobody has ever processed it.
        public static let unroutable = Code("unroutable")
        /// The deadline passed. For commands and events the outcome is unknown: the message may have arrived.
        public static let timeout = Code("timeout")
        /// The bus cannot be reached, or the connection broke and did not come back within the deadline.
        public static let connection = Code("connection")
        /// The bus refuses the user or the password.
        public static let authentication = Code("authentication")
        /// The user may not do this here.
        public static let accessRefused = Code("access_refused")
        /// A queue or exchange exists, but is not what this service needs.
        public static let topology = Code("topology")
        /// More queries wait for their answers than `mq_max_pending_queries` allows.
        public static let overloaded = Code("overloaded")
        /// The bus took the message and refused it, for example because the queue is full.
        public static let rejected = Code("rejected")
        /// The processor of a query failed; see ``MessagingError/remoteCode``.
        public static let remote = Code("remote")
        /// The processor knows no such method or event type.
        public static let unknownMethod = Code("unknown_method")
    }

    /// The kind of error.
    public var code: Code
    /// What happened, for a person.
    public var message: String
    /// The target of the message, if there is one.
    public var target: String?
    /// Whether sending the same message again can succeed without anybody changing anything.
    public var isRetryable: Bool
    /// The code that the processor gave, with ``Code/remote``.
    public var remoteCode: String?
    /// The error behind this one.
    public var cause: (any Error)?

    /// Creates an error.
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - message: What happened, for a person. It must not hold secrets.
    ///   - target: The target of the message, if there is one.
    ///   - isRetryable: By default true for `timeout`, `connection`, `rejected` and `overloaded`.
    ///   - remoteCode: The code that the processor gave, with ``Code/remote``.
    ///   - cause: The error behind this one.
    public init(
        _ code: Code,
        _ message: String,
        target: String? = nil,
        isRetryable: Bool? = nil,
        remoteCode: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.target = target
        self.isRetryable = isRetryable ?? [.timeout, .connection, .rejected, .overloaded].contains(code)
        self.remoteCode = remoteCode
        self.cause = cause
    }

    /// The same error with a target, unless it has one.
    package func with(target: String) -> MessagingError {
        guard self.target == nil else { return self }
        var error = self
        error.target = target
        return error
    }
}

extension MessagingError: CustomStringConvertible {
    public var description: String {
        var text = "\(code)"
        if let remoteCode { text += "(\(remoteCode))" }
        if let target { text += " [\(target)]" }
        text += ": \(message)"
        if let cause { text += " (caused by: \(cause))" }
        return text
    }
}
