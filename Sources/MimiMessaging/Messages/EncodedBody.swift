/// A body as bytes, with what is needed to read it. It is read at most once, when somebody asks.
final class EncodedBody: Sendable {
    let bytes: [UInt8]
    private let contentType: String?
    private let serializers: SerializerRegistry
    private let values = Lock<Result<[String: MessageValue], MessagingError>?>(nil)

    init(bytes: [UInt8], contentType: String?, serializers: SerializerRegistry) {
        self.bytes = bytes
        self.contentType = contentType
        self.serializers = serializers
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws(MessagingError) -> Value {
        try serializers.decode(type, from: bytes, contentType: contentType)
    }

    func object() throws(MessagingError) -> [String: MessageValue] {
        if let known = values.withLock({ $0 }) { return try known.get() }
        let result = Result { () throws(MessagingError) in try decode([String: MessageValue].self) }
        values.withLock { $0 = result }
        return try result.get()
    }
}
