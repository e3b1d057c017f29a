/// A message on its way out: encoded, with all that travels beside the body.
public struct OutgoingMessage: Sendable {
    /// What it is.
    public var kind: MessageKind
    /// Its identity, the same however often it is sent or delivered.
    public var id: String
    /// The method of a command or query, the type of an event; empty for a reply.
    public var method: String
    /// The target, for people; empty for a reply.
    public var target: String
    /// What the sender put beside the body, and trace context.
    public var headers: MessageHeaders
    /// The body.
    public var body: [UInt8]
    /// The media type of the body.
    public var contentType: String
    /// The name of the sending service (`mq_app_id`).
    public var appID: String?
    /// Why there is no answer, if this is the reply to a query that failed.
    public var failure: FailureRecord?

    /// Creates a message.
    public init(
        kind: MessageKind,
        id: String,
        method: String,
        target: String,
        headers: MessageHeaders = [:],
        body: [UInt8],
        contentType: String,
        appID: String? = nil,
        failure: FailureRecord? = nil
    ) {
        self.kind = kind
        self.id = id
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.contentType = contentType
        self.appID = appID
        self.failure = failure
    }
}
