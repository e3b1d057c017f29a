public import MimiMessaging

/// A message as a foreign tool sends it: with nothing beside the body but what is set here.
public struct ForeignMessage: Sendable {
    /// The body.
    public var body: [UInt8]
    /// The media type of the body; nil for none.
    public var contentType: String?
    /// The method or the type of the event; nil if the tool does not know that there is such a thing.
    public var method: String?
    /// What it says that it is; nil if it does not say.
    public var kind: MessageKind?
    /// The identity; nil for none.
    public var id: String?
    /// What stands beside the body.
    public var headers: [String: String]
    /// Where the reply is to be sent; nil for none. An adapter whose askers have no addresses sends a query that nobody
    /// waits for.
    public var replyAddress: String?

    /// Creates a message.
    public init(
        body: [UInt8],
        contentType: String? = nil,
        method: String? = nil,
        kind: MessageKind? = nil,
        id: String? = nil,
        headers: [String: String] = [:],
        replyAddress: String? = nil
    ) {
        self.body = body
        self.contentType = contentType
        self.method = method
        self.kind = kind
        self.id = id
        self.headers = headers
        self.replyAddress = replyAddress
    }
}
