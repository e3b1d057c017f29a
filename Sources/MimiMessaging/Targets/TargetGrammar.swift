/// The rules that names of queues, topics, methods and event types follow.
///
/// A name is one or more parts joined by dots, each of ASCII letters, digits, `_` and `-`. A method or an event type is
/// ASCII letters, digits and `_`. The whole text has to match.
package enum TargetGrammar {
    /// AMQP's limit for names, in bytes.
    static let maximumNameLength = 255

    /// Cuts `name<separator>suffix` in two.
    static func split(_ text: String, at separator: Unicode.Scalar) throws(MessagingError) -> (
        name: String, suffix: String
    ) {
        let form = separator == "/" ? "queue/method" : "topic#type"
        func invalid(_ reason: String) -> MessagingError {
            MessagingError(.invalidTarget, "\(reason); a target is \(form)", target: text.escapedForLog)
        }
        let bytes = Array(text.utf8)
        guard let cut = bytes.lastIndex(of: UInt8(ascii: separator)) else {
            throw invalid("there is no '\(separator)'")
        }
        guard isName(bytes[..<cut]) else {
            throw invalid("the part before '\(separator)' is not a dotted name of letters, digits, '_' and '-'")
        }
        guard isWord(bytes[(cut + 1)...]) else {
            throw invalid("the part after '\(separator)' is not a word of letters, digits and '_'")
        }
        guard cut <= maximumNameLength, bytes.count - cut - 1 <= maximumNameLength else {
            throw invalid("a part is longer than \(maximumNameLength) bytes")
        }
        return (String(decoding: bytes[..<cut], as: UTF8.self), String(decoding: bytes[(cut + 1)...], as: UTF8.self))
    }

    /// Puts the namespace before a name, and checks the length of the result.
    package static func qualify(_ name: String, namespace: String) throws(MessagingError) -> String {
        guard !namespace.isEmpty else { return name }
        let qualified = namespace + name
        guard qualified.utf8.count <= maximumNameLength else {
            throw MessagingError(
                .invalidTarget, "with the namespace, the name is longer than \(maximumNameLength) bytes", target: name)
        }
        return qualified
    }

    /// Checks the name of a queue or a topic that a processor is registered for.
    package static func checkName(_ name: String) throws(MessagingError) {
        guard isName(Array(name.utf8)[...]), name.utf8.count <= maximumNameLength else {
            throw MessagingError(
                .invalidTarget,
                "not a dotted name of letters, digits, '_' and '-' of at most \(maximumNameLength) bytes",
                target: name.escapedForLog)
        }
    }

    /// Whether this is a dotted name, or empty, or a name that ends with a dot: what may stand before a name.
    static func isNamespace(_ text: String) -> Bool {
        text.isEmpty || isName(Array(text.utf8)[...])
            || (text.hasSuffix(".") && isName(Array(text.utf8.dropLast())[...]))
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "-") }
        }
    }

    static func isWord(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isWordByte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
