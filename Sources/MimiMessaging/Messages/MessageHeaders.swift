/// Names and values that travel beside the body of a message.
///
/// Names are case-sensitive, 1 to 128 bytes, and do not begin with `__`, which is kept for this layer. Values are text. A
/// message has 48 headers at the most, of 12 KiB together: what is added on its way still fits into what its receiver takes.
public struct MessageHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private static let (mostHeaders, mostBytes) = (48, 12 << 10)

    private var values: [String: String]

    /// Headers from a dictionary.
    public init(_ values: [String: String] = [:]) { self.values = values }

    /// The last value of a name that occurs twice counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements, uniquingKeysWith: { _, last in last })
    }

    /// The value of a header; nil if there is none.
    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// The number of headers.
    public var count: Int { values.count }

    /// Whether there is no header.
    public var isEmpty: Bool { values.isEmpty }

    /// These headers and others; where both have a name, the others win.
    public func merging(_ others: MessageHeaders) -> MessageHeaders {
        others.isEmpty ? self : MessageHeaders(values.merging(others.values) { _, other in other })
    }

    /// What makes these headers unfit for sending, if anything does.
    func validate() throws(MessagingError) {
        var bytes = 0
        for (name, value) in values {
            bytes += name.utf8.count + value.utf8.count
            guard (1...128).contains(name.utf8.count), !name.utf8.contains(0) else {
                throw MessagingError(
                    .invalidMessage, "the header name '\(name.escapedForLog)' is not of 1 to 128 bytes")
            }
            guard !name.hasPrefix("__") else {
                throw MessagingError(.invalidMessage, "the header name '\(name.escapedForLog)' begins with '__'")
            }
        }
        guard values.count <= Self.mostHeaders, bytes <= Self.mostBytes else {
            throw MessagingError(
                .invalidMessage,
                """
                the message has \(values.count) headers of \(bytes) bytes, and \(Self.mostHeaders) of \(Self.mostBytes) are \
                allowed
                """)
        }
    }
}

extension MessageHeaders: Sequence {
    public func makeIterator() -> Dictionary<String, String>.Iterator { values.makeIterator() }
}
