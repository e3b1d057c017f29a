/// Turns bodies into bytes and back.
///
/// The content type goes with each message, and the receiver chooses the serializer by it.
public protocol MessageSerializer: Sendable {
    /// The media type of what ``encode(_:)`` makes, for example `application/json`.
    var contentType: String { get }

    /// The body as bytes.
    /// - Throws: ``MessagingError/Code/serialization`` if the value cannot be encoded as an object.
    func encode(_ value: some Encodable) throws(MessagingError) -> [UInt8]

    /// The value that the bytes stand for. Must take time linear in their number, whatever they are.
    /// - Throws: ``MessagingError/Code/serialization`` if they stand for no such value.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(MessagingError) -> Value
}
