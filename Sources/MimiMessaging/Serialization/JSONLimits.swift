/// What every reader of JSON checks.
enum JSONLimits {
    /// How many accents and other marks may follow one letter. Swift puts them in order whenever it compares or hashes a
    /// text, and the time for that grows with the square of their number: a name of 64 kB would cost half a second.
    private static let mostMarks = 500
    /// A text of fewer bytes cannot have as many: a mark takes two or more.
    static let unsuspiciousSize = 2 * mostMarks

    /// Checks that the first byte which is no white space begins an object.
    static func checkStart(_ first: UInt8?) throws(MessagingError) {
        guard let first else { throw MessagingError(.serialization, "the body is empty, not a JSON object") }
        guard first == UInt8(ascii: "{") else { throw MessagingError(.serialization, "the body is not a JSON object") }
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
}
