/// Reads JSON into ``MessageValue``, in one pass, in time linear in the number of bytes whatever they are.
///
/// A general decoder finds out what a value is by trying, and pays for an error each time it was something else.
struct JSONParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private var position = 0
    private var depth = 0

    /// Reads an object that fills the text.
    /// - Throws: ``MessagingError/Code/serialization``.
    static func object(_ bytes: [UInt8], depthLimit: Int) throws(MessagingError) -> [String: MessageValue] {
        var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
        try JSONLimits.checkStart(parser.skipSpace())
        let object = try parser.object()
        guard parser.skipSpace() == nil else { throw parser.notJSON }
        return object
    }

    /// Checks that the text which begins with the quotation mark at a position can be read.
    /// - Throws: ``MessagingError/Code/serialization``.
    static func checkText(_ bytes: [UInt8], at position: Int) throws(MessagingError) {
        var parser = JSONParser(bytes: bytes, depthLimit: 0)
        parser.position = position
        _ = try parser.string()
    }

    private init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    private var notJSON: MessagingError {
        MessagingError(.serialization, "the body is not JSON from byte \(position) on")
    }

    /// The byte at the position; nil at the end.
    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Goes to the next byte that is no white space.
    private mutating func skipSpace() -> UInt8? {
        while let byte = current {
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Passes a byte that has to come next, after white space.
    private mutating func expect(_ byte: UInt8) throws(MessagingError) {
        guard skipSpace() == byte else { throw notJSON }
        position += 1
    }

    private mutating func value() throws(MessagingError) -> MessageValue {
        switch skipSpace() {
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "{"): .object(try object())
        case UInt8(ascii: "["): .array(try array())
        case UInt8(ascii: "t"): try word("true", .bool(true))
        case UInt8(ascii: "f"): try word("false", .bool(false))
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
    }

    /// Of members with the same name the first one counts, as for types that are decoded.
    private mutating func object() throws(MessagingError) -> [String: MessageValue] {
        var object: [String: MessageValue] = [:]
        try elements(until: UInt8(ascii: "}")) { (parser: inout JSONParser) throws(MessagingError) in
            guard parser.skipSpace() == UInt8(ascii: "\"") else { throw parser.notJSON }
            let key = try parser.string()
            try parser.expect(UInt8(ascii: ":"))
            let value = try parser.value()
            if object[key] == nil { object[key] = value }
        }
        return object
    }

    private mutating func array() throws(MessagingError) -> [MessageValue] {
        var array: [MessageValue] = []
        try elements(until: UInt8(ascii: "]")) { (parser: inout JSONParser) throws(MessagingError) in
            array.append(try parser.value())
        }
        return array
    }

    /// Reads what stands between brackets, with commas between.
    private mutating func elements(
        until end: UInt8, _ element: (inout JSONParser) throws(MessagingError) -> Void
    ) throws(MessagingError) {
        depth += 1
        guard depth <= depthLimit else { throw JSONLimits.tooDeep(depthLimit) }
        position += 1
        if skipSpace() != end {
            try element(&self)
            while skipSpace() == UInt8(ascii: ",") {
                position += 1
                try element(&self)
            }
        }
        try expect(end)
        depth -= 1
    }

    private mutating func word(_ text: StaticString, _ value: MessageValue) throws(MessagingError) -> MessageValue {
        for byte in "\(text)".utf8 {
            guard current == byte else { throw notJSON }
            position += 1
        }
        return value
    }

    private mutating func number() throws(MessagingError) -> MessageValue {
        let start = position
        var isInteger = true
        if current == UInt8(ascii: "-") { position += 1 }
        let whole = position
        try digits()
        // No zero stands before other digits.
        guard bytes[whole] != UInt8(ascii: "0") || position == whole + 1 else { throw notJSON }
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw notJSON }
        return .double(double)
    }

    private mutating func digits() throws(MessagingError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw notJSON }
    }

    private mutating func string() throws(MessagingError) -> String {
        let beginning = position
        position += 1
        var start = position
        var isASCII = true
        var text = ""
        while let byte = current, byte >= 0x20 {
            switch byte {
            case UInt8(ascii: "\""):
                let last = try piece(from: start, isASCII: isASCII)
                position += 1
                if isASCII, text.isEmpty { return last }
                text += last
                if position - beginning > JSONLimits.unsuspiciousSize { try JSONLimits.checkMarks(text) }
                return text
            case UInt8(ascii: "\\"):
                text += try piece(from: start, isASCII: isASCII)
                text.unicodeScalars.append(try escape())
                start = position
            default:
                if byte >= 0x80 { isASCII = false }
                position += 1
            }
        }
        throw notJSON
    }

    private func piece(from start: Int, isASCII: Bool) throws(MessagingError) -> String {
        // Nearly all of them: there is nothing to validate, which is slow.
        if isASCII { return String(decoding: bytes[start..<position], as: UTF8.self) }
        guard let piece = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw MessagingError(.serialization, "the body is not JSON: it is not in UTF-8")
        }
        return piece
    }

    private mutating func escape() throws(MessagingError) -> Unicode.Scalar {
        position += 1
        defer { position += 1 }
        switch current {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw notJSON
        }
    }

    /// What follows `\u`; ends on its last digit.
    private mutating func unicodeEscape() throws(MessagingError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Half of a pair: the other half has to follow.
        guard UTF16.isLeadSurrogate(UInt16(first)), position + 2 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "\\"), bytes[position + 2] == UInt8(ascii: "u")
        else { throw notJSON }
        position += 2
        let second = try hexadecimal()
        guard UTF16.isTrailSurrogate(UInt16(second)),
            let scalar = Unicode.Scalar(0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF))
        else { throw notJSON }
        return scalar
    }

    /// The four digits after the position, which is then on the last of them.
    private mutating func hexadecimal() throws(MessagingError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard let digit = current.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else { throw notJSON }
            number = number << 4 + UInt32(digit)
        }
        return number
    }
}
