/// One value of a message's body: what JSON can say.
public enum MessageValue: Hashable, Sendable {
    /// `null`: that there is no value.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// Any other number: one with a fraction or an exponent, or one that is too large for an `Int`.
    case double(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case array([MessageValue])
    /// Values by name.
    case object([String: MessageValue])
}

extension MessageValue {
    /// The text, if this is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The integer, if this is one (also if it was written as `1.0`).
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, if this is one.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The truth value, if this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements, if this is an array.
    public var array: [MessageValue]? { if case .array(let value) = self { value } else { nil } }

    /// The members, if this is an object.
    public var object: [String: MessageValue]? { if case .object(let value) = self { value } else { nil } }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// A member of an object; nil if this is no object or has no such member.
    public subscript(key: String) -> MessageValue? { object?[key] }

    /// An element of an array; nil if this is no array or has no such element.
    public subscript(index: Int) -> MessageValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

extension MessageValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: MessageValue...) { self = .array(elements) }
    /// The last value of a key that occurs twice counts.
    public init(dictionaryLiteral elements: (String, MessageValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension MessageValue: Codable {
    public init(from decoder: any Decoder) throws {
        if let value = try FreeValues.value(at: decoder) {
            self = value
            return
        }
        let container = try decoder.singleValueContainer()
        // The commonest kinds first: each miss costs an error inside the decoder.
        if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if container.decodeNil() {
            self = .null
        } else if (try? decoder.unkeyedContainer()) != nil {
            self = .array(try container.decode([MessageValue].self))
        } else {
            self = .object(try container.decode([String: MessageValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
