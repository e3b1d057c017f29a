/// Looks at JSON text without decoding it: one pass, no recursion, no allocation.
enum JSONShape {
    /// Checks that the text begins as an object and is nested at most `limit` deep, so that no decoder can be made to
    /// recurse or to backtrack on it.
    static func check(_ bytes: [UInt8], depthLimit limit: Int) throws(MessagingError) {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = bytes.first(where: { !isSpace($0) }) else {
            throw MessagingError(.serialization, "the body is empty, not a JSON object")
        }
        guard first == UInt8(ascii: "{") else {
            throw MessagingError(.serialization, "the body is not a JSON object")
        }
        var depth = 0
        var isInString = false
        var isEscaped = false
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
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= limit else {
                    throw MessagingError(.serialization, "the JSON body is nested more than \(limit) deep")
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
    }
}
