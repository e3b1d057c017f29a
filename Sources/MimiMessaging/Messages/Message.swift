/// A message as free-form data: a body like a dictionary, and headers.
///
/// ```swift
/// let order: Message = ["id": 123, "items": ["tea", "milk"]]
/// let id: Int = try order["id"]
/// ```
///
/// A received message keeps its bytes until somebody asks for a value.
public struct Message: Sendable {
    private enum Body {
        case values([String: MessageValue])
        case model(any Encodable & Sendable)
        case encoded(EncodedBody)
    }

    /// What travels beside the body.
    public var headers: MessageHeaders
    private var body: Body

    /// A message of values.
    public init(_ values: [String: MessageValue], headers: MessageHeaders = [:]) {
        body = .values(values)
        self.headers = headers
    }

    /// A message whose body is an `Encodable` value, which has to encode as an object.
    public init(encoding model: some Encodable & Sendable, headers: MessageHeaders = [:]) {
        body = .model(model)
        self.headers = headers
    }

    init(body: EncodedBody, headers: MessageHeaders) {
        self.body = .encoded(body)
        self.headers = headers
    }

    /// The body as a dictionary.
    /// - Throws: ``MessagingError/Code/serialization`` if the bytes are no such thing.
    public func values() throws(MessagingError) -> [String: MessageValue] {
        switch body {
        case .values(let values): return values
        case .encoded(let encoded): return try encoded.object()
        case .model(let model):
            let serializer = JSONMessageSerializer()
            return try serializer.decode([String: MessageValue].self, from: serializer.encode(model))
        }
    }

    /// The body as a value of a type.
    /// - Throws: ``MessagingError/Code/serialization`` if it does not fit.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws(MessagingError) -> Value {
        if case .encoded(let encoded) = body { return try encoded.decode(type) }
        let serializer = JSONMessageSerializer()
        return try serializer.decode(type, from: encoded(with: serializer))
    }

    /// A value of the body; nil if there is none, or if the body cannot be read (``values()`` tells why).
    public subscript(key: String) -> MessageValue? {
        get { (try? values())?[key] }
        set {
            var values = (try? self.values()) ?? [:]
            values[key] = newValue
            body = .values(values)
        }
    }

    /// A value of the body, as a type. An optional type takes a value that is missing for `null`.
    /// - Throws: ``MessagingError/Code/serialization`` if there is none, or it does not fit.
    // Disfavored, so that `message["id"] == 7` compares a `MessageValue` and throws nothing.
    @_disfavoredOverload
    public subscript<Value: Decodable>(key: String) -> Value {
        get throws(MessagingError) {
            let absent: MessageValue? = Value.self is any ExpressibleByNilLiteral.Type ? .null : nil
            guard let value = try values()[key] ?? absent else {
                throw MessagingError(.serialization, "the body has no '\(key.escapedForLog)'")
            }
            let serializer = JSONMessageSerializer()
            return try serializer.decode(Member<Value>.self, from: serializer.encode(["member": value])).member
        }
    }

    /// The body as bytes, by a serializer.
    func encoded(with serializer: any MessageSerializer) throws(MessagingError) -> [UInt8] {
        switch body {
        case .values(let values): try serializer.encode(values)
        case .model(let model): try serializer.encode(model)
        case .encoded(let encoded): try serializer.encode(encoded.object())
        }
    }
}

/// JSON decoders want an object at the top.
private struct Member<Value: Decodable>: Decodable {
    let member: Value
}

extension Message: ExpressibleByDictionaryLiteral {
    /// The last value of a key that occurs twice counts.
    public init(dictionaryLiteral elements: (String, MessageValue)...) {
        self.init(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
