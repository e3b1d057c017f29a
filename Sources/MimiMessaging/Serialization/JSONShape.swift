/// Looks at JSON text without decoding it: one pass, no recursion, and allocations for odd texts only.
enum JSONShape {
    /// How many accents and other marks may follow one letter. Swift puts them in order whenever it compares or hashes a
    /// text, and the time for that grows with the square of their number: a name of 64 kB would cost half a second.
    private static let mostMarks = 500
    /// A text of fewer bytes cannot have as many: a mark takes two or more.
    static let unsuspiciousSize = 2 * mostMarks

    /// Checks what a decoder is too generous about: that the text begins as an object, is nested at most `limit` deep, so
    /// that no decoder can be made to recurse or to backtrack on it, has no comma before a closing bracket, and no letter
    /// with hundreds of marks.
    static func check(_ bytes: [UInt8], depthLimit limit: Int) throws(MessagingError) {
        try checkStart(bytes.first { !isSpace($0) })
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
                guard depth <= limit else { throw tooDeep(limit) }
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

    /// Checks that the first byte which is no white space begins an object.
    static func checkStart(_ first: UInt8?) throws(MessagingError) {
        guard let first else { throw MessagingError(.serialization, "the body is empty, not a JSON object") }
        guard first == UInt8(ascii: "{") else { throw MessagingError(.serialization, "the body is not a JSON object") }
    }

    /// The position of the quotation mark that ends a text, or behind the bytes if none does.
    private static func endOfText(_ bytes: [UInt8], from start: Int) throws(MessagingError) -> Int {
        var position = start + 1
        var isPlain = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                if !isPlain, position - start > unsuspiciousSize { try JSONParser.checkText(bytes, at: start) }
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

    /// Checks that no letter has hundreds of marks.
    static func checkMarks(_ text: String) throws(MessagingError) {
        var marks = 0
        for scalar in text.unicodeScalars {
            marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
            guard marks <= mostMarks else {
                throw MessagingError(.serialization, "a letter of the JSON body has more than \(mostMarks) marks")
            }
        }
    }

    static func tooDeep(_ limit: Int) -> MessagingError {
        MessagingError(.serialization, "the JSON body is nested more than \(limit) deep")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
