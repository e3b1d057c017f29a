public import Logging

/// What a processor knows about the message that it handles, beside its body.
public struct MessageContext: Sendable {
    /// Whether it is a command, a query or an event.
    public var kind: MessageKind
    /// The target that the processor sees: `queue/method` or `topic#type`.
    public var target: String
    /// What the sender put beside the body.
    public var headers: MessageHeaders
    /// Its identity, the same at each delivery. Use it to notice what was done before. Empty if a foreign sender gave none.
    public var messageID: String
    /// Which attempt this is, over all processes: 1 for the first.
    public var attempt: Int
    /// Whether the bus may have delivered it before, to somebody who then vanished.
    public var isRedelivered: Bool
    /// When the asker of a query stops waiting, at the latest that the message tells: what it waited in a broker's queue
    /// may come on top. Queries that are sent from the processor inherit it.
    public var deadline: MessagingClock.Instant?
    /// When it was sent, in seconds since 1970, if the sender said.
    public var sentAt: Int?
    /// The name of the sending service, if it gave one.
    public var senderAppID: String?
    /// A logger with the target, message id and attempt as metadata.
    public var logger: Logger {
        get { ownLogger ?? describingLogger }
        set { ownLogger = newValue }
    }

    /// The queue or topic, without the namespace.
    let destination: String
    /// The method or type of event, if the processor has it.
    let knownMethod: String?
    /// The logger of the bus.
    let busLogger: Logger
    /// What was set instead of the standard one.
    var ownLogger: Logger?

    /// Made when it is asked for: most messages log nothing.
    private var describingLogger: Logger {
        var logger = busLogger
        logger[metadataKey: LogKey.target] = "\(target)"
        logger[metadataKey: LogKey.messageID] = "\(messageID.escapedForLog)"
        logger[metadataKey: LogKey.attempt] = "\(attempt)"
        return logger
    }
}

/// The deadline of the query that the current task works for.
enum InheritedDeadline {
    @TaskLocal static var current: MessagingClock.Instant?
}
