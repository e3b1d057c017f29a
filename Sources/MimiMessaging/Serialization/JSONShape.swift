/// Looks at JSON text without decoding it: one pass, no recursion, and allocations for odd texts only.
enum JSONShape {
    /// Checks what a decoder is too generous about: that the text begins as an object, is nested at most `limit` deep, so
    /// that no decoder can be made to recurse or to backtrack on it, has no comma before a closing bracket, and no letter
    /// with hundreds of marks.
    static func check(_ bytes: [UInt8], depthLimit limit: Int) throws(MessagingError) {
        try JSONLimits.checkStart(bytes.first { !isSpace($0) })
        var depth = 0
        var isAfterComma = false
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09:
                position += 1
                continue
            case UInt8(ascii: "\""): position = try endOfText(bytes, from: position)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= limit else { throw JSONLimits.tooDeep(limit) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard !isAfterComma else {
                    throw MessagingError(.serialization, "the body is not JSON: a comma too many")
                }
            default: break
            }
            isAfterComma = byte == UInt8(ascii: ",")
            position += 1
        }
    }

    /// The position of the quotation mark that ends a text, or behind the bytes if none does.
    private static func endOfText(_ bytes: [UInt8], from start: Int) throws(MessagingError) -> Int {
        var position = start + 1
        var isPlain = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                if !isPlain, position - start > JSONLimits.unsuspiciousSize {
                    try JSONParser.checkText(bytes, at: start)
                }
                return position
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                position += 1
            } else if byte >= 0x80 {
                isPlain = false
            }
            position += 1
        }
        return position
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
