/// Why a message was not processed.
public struct FailureRecord: Hashable, Sendable {
    /// The kind of failure, for example `serialization`.
    public var code: String
    /// What happened, for a person; at most 1,024 bytes.
    public var message: String

    /// Creates a record; a longer message is cut.
    public init(code: String, message: String) {
        self.code = code
        self.message = message.cut(toUTF8Length: 1024)
    }
}
