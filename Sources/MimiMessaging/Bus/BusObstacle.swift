/// Something that keeps a bus from its work at the moment.
///
/// Nothing has to be done about it in the service: the bus goes on trying, and sends wait under their deadlines. It is
/// for whoever looks after the service.
public struct BusObstacle: Hashable, Sendable, CustomStringConvertible {
    /// What is the matter. New kinds may come with new versions, so a `switch` needs a `default`.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The stable name of the kind, for logs and metrics.
        public let description: String

        /// Names a kind; adapters may have kinds of their own.
        /// - Parameter name: The stable name.
        public init(_ name: String) { description = name }

        /// The broker takes no messages, for want of memory or disk. Processing goes on. On RabbitMQ:
        /// `connection.blocked`.
        public static let blocked = Kind("blocked")
        /// It is not there, or not yet, and is being established.
        public static let disconnected = Kind("disconnected")
        /// The broker refuses it until somebody changes something: a password, a permission, the arguments of a queue.
        public static let refused = Kind("refused")
        /// The bus is not started, or is stopping.
        public static let stopped = Kind("stopped")
    }

    /// What is the matter.
    public var kind: Kind
    /// What it is about, for a person: a connection, the consumer of a queue.
    public var subject: String
    /// Why, for a person. It holds no secrets.
    public var reason: String
    /// Whether nothing can be sent while it lasts, and so nothing useful be done: sends wait under their deadlines.
    public var stopsSending: Bool

    /// Creates an obstacle; adapters do.
    /// - Parameters:
    ///   - kind: What is the matter.
    ///   - subject: What it is about.
    ///   - reason: Why; no secrets.
    ///   - stopsSending: Whether nothing can be sent while it lasts. Default: false.
    public init(_ kind: Kind, subject: String, reason: String, stopsSending: Bool = false) {
        self.kind = kind
        self.subject = subject
        self.reason = reason
        self.stopsSending = stopsSending
    }

    public var description: String { "\(subject) is \(kind): \(reason)" }
}

extension MessageBus {
    /// What keeps the bus from its work at the moment; empty when all is well, and when it is stopped. Answered at once,
    /// without asking the broker.
    ///
    /// ```swift
    /// let isBlocked = bus.obstacles.contains { $0.kind == .blocked }
    /// ```
    public var obstacles: [BusObstacle] { adapter.obstacles }
}
