/// One value in a field table: every kind that RabbitMQ knows (`amqp_field_value_t`).
package enum AMQPFieldValue: Sendable, Hashable {
    /// Kind `t`.
    case bool(Bool)
    /// Kind `b`.
    case int8(Int8)
    /// Kind `B`.
    case uint8(UInt8)
    /// Kind `s`.
    case int16(Int16)
    /// Kind `u`.
    case uint16(UInt16)
    /// Kind `I`.
    case int32(Int32)
    /// Kind `i`.
    case uint32(UInt32)
    /// Kind `l`.
    case int64(Int64)
    /// Kind `L`.
    case uint64(UInt64)
    /// Kind `f`.
    case float(Float)
    /// Kind `d`.
    case double(Double)
    /// Kind `D`: `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: UInt32)
    /// Kind `S` that is valid UTF-8.
    case string(String)
    /// Kind `x`; also what a kind `S` becomes that is not valid UTF-8.
    case bytes([UInt8])
    /// Kind `A`.
    case array([AMQPFieldValue])
    /// Kind `T`: seconds since 1970.
    case timestamp(UInt64)
    /// Kind `F`.
    case table(AMQPFieldTable)
    /// Kind `V`.
    case void
}

extension AMQPFieldValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer literal is a signed 64-bit value, the kind that RabbitMQ itself uses.
    package init(integerLiteral value: Int64) { self = .int64(value) }
}
