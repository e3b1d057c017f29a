/// Writes ``MessageValue`` as JSON, in one pass.
///
/// A general encoder builds a tree of boxes first, and asks each value what it is.
struct JSONWriter {
    /// Most bodies fit into so many bytes, and are written without growing.
    private static let usualSize = 256

    private var bytes: [UInt8] = []

    /// The text of an object.
    /// - Throws: ``MessagingError/Code/serialization`` for a number that JSON cannot say, and where it stands.
    static func bytes(of object: [String: MessageValue]) throws(MessagingError) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(Self.usualSize)
        do {
            try writer.write(object)
        } catch {
            let path = "'" + error.path.reversed().joined(separator: ".").escapedForLog + "'"
            throw MessagingError(
                .serialization, "the body cannot be encoded as JSON: a value at \(path) that JSON cannot say")
        }
        return writer.bytes
    }

    /// A number that is infinite or none, and the way to it from the inside.
    private struct Unsayable: Error {
        var path: [String] = []

        func inside(_ step: String) -> Unsayable { Unsayable(path: path + [step]) }
    }

    private mutating func write(_ value: MessageValue) throws(Unsayable) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value):
            guard value.isFinite else { throw Unsayable() }
            let text = value.description
            bytes.append(contentsOf: text.hasSuffix(".0") ? text.utf8.dropLast(2) : text.utf8[...])
        case .string(let value): write(text: value)
        case .array(let value): try write(value)
        case .object(let value): try write(value)
        }
    }

    private mutating func write(_ object: [String: MessageValue]) throws(Unsayable) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in object {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(text: key)
            bytes.append(UInt8(ascii: ":"))
            do { try write(value) } catch { throw error.inside(key) }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ array: [MessageValue]) throws(Unsayable) {
        bytes.append(UInt8(ascii: "["))
        for (index, value) in array.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            do { try write(value) } catch { throw error.inside("Index \(index)") }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(text: String) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if needsEscape(from: start) {
            bytes.removeSubrange(start...)
            for byte in text.utf8 { writeEscaped(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether any of the bytes that were written last has to be escaped. Most texts have none, so all are looked at
    /// without a way out in between, which the compiler makes dozens at a time.
    private func needsEscape(from start: Int) -> Bool {
        let written = bytes.span
        var found: UInt8 = 0
        for position in start..<written.count { found |= Self.escapeFlag(written[position]) }
        return found != 0
    }

    /// 1 for a byte that has to be escaped, got without a branch; else 0.
    private static func escapeFlag(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        guard Self.escapeFlag(byte) != 0 else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 0xF)])
        }
    }
}
