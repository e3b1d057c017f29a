/// Looks through an encoded field table before the C decoder sees it.
///
/// The decoder of librabbitmq before 0.14 recurses without a limit, so one message with some ten thousand nested
/// arrays ends the process. This walk is iterative, and it also bounds count, size and name length.
struct HeaderTableScan {
    /// What the table may be.
    let limits: AMQPLimits

    /// Why the table at `start` (its four length bytes) is refused, or nil when it may be decoded.
    func problem(in bytes: UnsafeRawBufferPointer, at start: Int) -> String? {
        guard let size = unsafe bytes.integer(UInt32.self, at: start) else { return Self.truncated }
        guard Int(size) <= limits.maximumHeaderBytes else {
            return "the headers take \(size) bytes, at most \(limits.maximumHeaderBytes) are taken"
        }
        var position = start + 4
        var open = [Container(end: position + Int(size), isTable: true)]
        guard open[0].end <= bytes.count else { return Self.truncated }
        var count = 0
        while let container = open.last {
            if position == container.end {
                open.removeLast()
                continue
            }
            if container.isTable {
                if open.count == 1 { count += 1 }
                guard count <= limits.maximumHeaderCount else {
                    return "more than \(limits.maximumHeaderCount) headers"
                }
                let length = unsafe Int(bytes[position])
                guard (1...128).contains(length) else { return "a header name is \(length) bytes long" }
                guard position + length < container.end else { return Self.truncated }
                let name = unsafe bytes[(position + 1)...(position + length)]
                guard unsafe Self.isName(name) else { return "a header name that holds NUL or is not UTF-8" }
                position += 1 + length
            }
            guard position < container.end else { return Self.truncated }
            let kind = unsafe bytes[position]
            position += 1
            guard let value = unsafe ValueSize(kind: kind, in: bytes, at: position) else {
                return "a header value of unknown kind \(kind) or without its length"
            }
            switch value {
            case .plain(let size):
                position += size
            case .nested(let size, let isTable):
                position += 4
                guard open.count < limits.maximumHeaderDepth else {
                    return "headers nest deeper than \(limits.maximumHeaderDepth) levels"
                }
                guard position + size <= container.end else { return Self.truncated }
                open.append(Container(end: position + size, isTable: isTable))
            }
            guard position <= container.end else { return Self.truncated }
        }
        return nil
    }

    /// Whether the bytes can be a name when the message is sent on, to the retry ladder or the dead letters.
    private static func isName(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        if unsafe bytes.allSatisfy({ (0x01..<0x80).contains($0) }) { return true }
        return unsafe !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
    }

    private static let truncated = "a header table that is longer or shorter than it says"

    private struct Container {
        let end: Int
        let isTable: Bool
    }

    private enum ValueSize {
        case plain(Int)
        case nested(Int, isTable: Bool)

        /// Nil for a kind that AMQP 0-9-1 and RabbitMQ do not have, and for a missing length.
        init?(kind: UInt8, in bytes: UnsafeRawBufferPointer, at position: Int) {
            switch UnicodeScalar(kind) {
            case "V": self = .plain(0)
            case "t", "b", "B": self = .plain(1)
            case "s", "u": self = .plain(2)
            case "I", "i", "f": self = .plain(4)
            case "D": self = .plain(5)
            case "l", "L", "d", "T": self = .plain(8)
            case "S", "x", "A", "F":
                guard let size = unsafe bytes.integer(UInt32.self, at: position) else { return nil }
                switch UnicodeScalar(kind) {
                case "A": self = .nested(Int(size), isTable: false)
                case "F": self = .nested(Int(size), isTable: true)
                default: self = .plain(4 + Int(size))
                }
            default: return nil
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A big-endian integer, or nil when it is not all there.
    func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T? {
        guard offset >= 0, offset <= count - MemoryLayout<T>.size else { return nil }
        return unsafe T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}
