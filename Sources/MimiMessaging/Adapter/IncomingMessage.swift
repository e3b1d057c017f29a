/// A message as it came from the bus.
public struct IncomingMessage: Sendable {
    /// What it is.
    public var kind: MessageKind
    /// Its identity, if the sender gave one.
    public var id: String?
    /// The method or the type of the event, if the sender gave one.
    public var method: String?
    /// What the sender put beside the body.
    public var headers: MessageHeaders
    /// The body.
    public var body: [UInt8]
    /// The media type of the body, if the sender gave one.
    public var contentType: String?
    /// Which delivery this is, over all processes: 1 for the first, one more after each retry.
    public var attempt: Int
    /// Whether the bus may have delivered it before, to somebody who then vanished.
    public var isRedelivered: Bool
    /// When whoever waits for the reply stops waiting.
    public var deadline: MessagingClock.Instant?
    /// When it was sent, in seconds since 1970, if the sender said.
    public var sentAt: Int?
    /// The name of the sending service, if it gave one.
    public var appID: String?
    /// Why there is no answer, if this is the reply to a query that failed.
    public var failure: FailureRecord?
    /// Why it can never be processed, if the adapter found it so: it is dead-lettered without being looked at.
    public var defect: String?

    /// Creates a message.
    public init(
        kind: MessageKind,
        id: String? = nil,
        method: String? = nil,
        headers: MessageHeaders = [:],
        body: [UInt8] = [],
        contentType: String? = nil,
        attempt: Int = 1,
        isRedelivered: Bool = false,
        deadline: MessagingClock.Instant? = nil,
        sentAt: Int? = nil,
        appID: String? = nil,
        failure: FailureRecord? = nil,
        defect: String? = nil
    ) {
        self.kind = kind
        self.id = id
        self.method = method
        self.headers = headers
        self.body = body
        self.contentType = contentType
        self.attempt = attempt
        self.isRedelivered = isRedelivered
        self.deadline = deadline
        self.sentAt = sentAt
        self.appID = appID
        self.failure = failure
        self.defect = defect
    }
}
