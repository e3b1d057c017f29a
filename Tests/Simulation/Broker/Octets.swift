/// Puts AMQP together octet by octet, so that the client's codec is not its own judge.
enum Octets {
    static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    static func frame(_ type: UInt8, _ channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [type] + number(channel) + number(UInt32(payload.count)) + payload + [206]
    }

    static func method(_ channel: UInt16, _ classID: UInt16, _ methodID: UInt16, _ arguments: [UInt8] = []) -> [UInt8] {
        frame(1, channel, number(classID) + number(methodID) + arguments)
    }

    static let heartbeat = frame(8, 0, [])
}

/// Takes the arguments of a method apart.
struct OctetReader {
    /// Too short, too long, or not what AMQP says.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func number<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(Malformed) -> Value {
        try take(Value.bitWidth / 8).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    mutating func flags() throws(Malformed) -> UInt8 { try number() }

    mutating func short() throws(Malformed) -> String {
        let length: UInt8 = try number()
        guard let text = String(validating: try take(Int(length)), as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// A table as it is, its length in front.
    mutating func table() throws(Malformed) -> [UInt8] {
        let length: UInt32 = try number()
        return Octets.number(length) + (try take(Int(length)))
    }

    /// Nothing may be left.
    func finish() throws(Malformed) {
        guard position == bytes.count else { throw Malformed() }
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw Malformed() }
        defer { position += count }
        return bytes[position..<(position + count)]
    }
}
