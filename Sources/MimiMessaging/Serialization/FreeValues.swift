/// A JSON body that is decoded into a type, for the values of free form in it: read once, and only if there are any.
///
/// A ``MessageValue`` cannot ask a decoder what it is about to read. It would have to try one kind after the other, and
/// each wrong guess costs an error that names the whole path: a second or more for a body of 64 kB that is nested deep.
final class FreeValues: Sendable {
    private static let key = CodingUserInfoKey(rawValue: "mimi-messaging.free-values")

    private let bytes: [UInt8]
    private let depthLimit: Int
    private let object = Lock<MessageValue?>(nil)

    private init(_ bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// What a decoder of these bytes has to be given along.
    static func userInfo(_ bytes: [UInt8], depthLimit: Int) -> [CodingUserInfoKey: any Sendable] {
        guard let key else { return [:] }
        return [key: FreeValues(bytes, depthLimit: depthLimit)]
    }

    /// The value that a decoder stands at; nil if it reads something else than JSON from this layer.
    /// - Throws: ``MessagingError/Code/serialization`` if the body is not JSON.
    static func value(at decoder: any Decoder) throws(MessagingError) -> MessageValue? {
        guard let key, let values = decoder.userInfo[key] as? FreeValues else { return nil }
        var value: MessageValue? = try values.read()
        for step in decoder.codingPath {
            value =
                if case .array = value { step.intValue.flatMap { value?[$0] } } else { value?[step.stringValue] }
        }
        return value
    }

    private func read() throws(MessagingError) -> MessageValue {
        if let value = object.withLock({ $0 }) { return value }
        let value = MessageValue.object(try JSONParser.object(bytes, depthLimit: depthLimit))
        object.withLock { $0 = value }
        return value
    }
}
