/// A message that was given up, as it lies with the dead letters of its queue.
public struct DeadLetter: Sendable {
    /// The body, byte for byte.
    public var body: [UInt8]
    /// The media type of the body, if there is one.
    public var contentType: String?
    /// The identity of the message, if it has one.
    public var id: String?
    /// The method or the type of the event, if there is one.
    public var method: String?
    /// What the sender put beside the body, without what the layer added.
    public var headers: [String: String]
    /// The kind of failure, for example `serialization`.
    public var failureCode: String?
    /// What happened, for a person.
    public var failureMessage: String?
    /// How often the message was delivered.
    public var attempts: Int?

    /// Creates a dead letter.
    public init(
        body: [UInt8],
        contentType: String? = nil,
        id: String? = nil,
        method: String? = nil,
        headers: [String: String] = [:],
        failureCode: String? = nil,
        failureMessage: String? = nil,
        attempts: Int? = nil
    ) {
        self.body = body
        self.contentType = contentType
        self.id = id
        self.method = method
        self.headers = headers
        self.failureCode = failureCode
        self.failureMessage = failureMessage
        self.attempts = attempts
    }
}
