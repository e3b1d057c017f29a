public import MimiMessaging

/// A message that a bus handed to a ``RecordingAdapter``.
public struct SentMessage: Sendable {
    /// The message, encoded, with all that travels beside the body.
    public let outgoing: OutgoingMessage
    /// The queue or topic that it went to, with the namespace.
    public let destination: String
    /// When the bus would have given up.
    public let deadline: MessagingClock.Instant

    /// What it is.
    public var kind: MessageKind { outgoing.kind }

    /// Where it went, as the caller wrote it: `queue/method` or `topic#type`.
    public var target: String { outgoing.target }

    /// What travels beside the body.
    public var headers: MessageHeaders { outgoing.headers }

    /// The body as a type.
    /// - Parameters:
    ///   - type: The type.
    ///   - serializer: The one that the bus sends with.
    /// - Throws: `serialization` if it does not fit.
    public func decode<Value: Decodable>(
        as type: Value.Type = Value.self, with serializer: some MessageSerializer = JSONMessageSerializer()
    ) throws(MessagingError) -> Value {
        try serializer.decode(type, from: outgoing.body)
    }

    /// A value of a JSON body; nil if there is none.
    public subscript(key: String) -> MessageValue? {
        (try? decode(as: [String: MessageValue].self))?[key]
    }
}
