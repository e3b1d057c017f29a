/// Looks at JSON text without decoding it: one pass, no recursion, no allocation.
enum JSONShape {
    /// Checks what a decoder is too generous about: that the text begins as an object, is nested at most `limit` deep, so
    /// that no decoder can be made to recurse or to backtrack on it, and has no comma before a closing bracket.
    static func check(_ bytes: [UInt8], depthLimit limit: Int) throws(MessagingError) {
        try checkStart(bytes.first { !isSpace($0) })
        var depth = 0
        var isInString = false
        var isEscaped = false
        var isAfterComma = false
        for byte in bytes {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            guard !isSpace(byte) else { continue }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= limit else { throw tooDeep(limit) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard !isAfterComma else {
                    throw MessagingError(.serialization, "the body is not JSON: a comma too many")
                }
            default: break
            }
            isAfterComma = byte == UInt8(ascii: ",")
        }
    }

    /// Checks that the first byte which is no white space begins an object.
    static func checkStart(_ first: UInt8?) throws(MessagingError) {
        guard let first else { throw MessagingError(.serialization, "the body is empty, not a JSON object") }
        guard first == UInt8(ascii: "{") else { throw MessagingError(.serialization, "the body is not a JSON object") }
    }

    static func tooDeep(_ limit: Int) -> MessagingError {
        MessagingError(.serialization, "the JSON body is nested more than \(limit) deep")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
