/// Takes a run of bytes apart into choices and data.
struct Script {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    var isOver: Bool { bytes.isEmpty }

    /// The next byte; zero behind the end.
    mutating func byte() -> UInt8 { bytes.popFirst() ?? 0 }

    /// A number below `limit`.
    mutating func choice(below limit: Int) -> Int { Int(byte()) % limit }

    /// Up to `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    /// Text with its length before it.
    mutating func text() -> String { String(decoding: take(Int(byte())), as: UTF8.self) }

    /// An integer of so many bytes.
    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value {
        take(Value.bitWidth / 8).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }
}
