/// The value of one option, as a service gives it.
public enum OptionValue: Hashable, Sendable {
    /// Text. Any other kind can be written as text, too: `15`, `250ms`, `true`, `a,b`.
    case string(String)
    /// A whole number; for a time, seconds.
    case integer(Int)
    /// A number; for a time, seconds.
    case double(Double)
    /// A truth value.
    case bool(Bool)
    /// Several texts.
    case list([String])
}

extension OptionValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: String...) { self = .list(elements) }
}
