/// Where a command or a query goes: a queue and a method of its processor, written `queue/method`.
///
/// ```swift
/// try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])
/// ```
///
/// A literal is not checked when it is created but when it is used, so a wrong one throws from the call that uses it
/// (``MessagingError/Code/invalidTarget``).
public struct RequestTarget: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The queue, without the namespace. Empty if the target is not valid.
    public let queue: String
    /// The method. Empty if the target is not valid.
    public let method: String
    /// The text of the target.
    public let description: String

    /// Parses `queue/method`.
    /// - Throws: ``MessagingError/Code/invalidTarget``.
    public init(_ text: String) throws(MessagingError) {
        (queue, method) = try TargetGrammar.split(text, at: "/")
        description = text
    }

    /// Takes a literal; ``validated()`` tells whether it is a target.
    public init(stringLiteral text: String) {
        (queue, method) = (try? TargetGrammar.split(text, at: "/")) ?? ("", "")
        description = text
    }

    /// This target, if it is one.
    /// - Throws: ``MessagingError/Code/invalidTarget``.
    public func validated() throws(MessagingError) -> RequestTarget {
        queue.isEmpty ? try RequestTarget(description) : self
    }
}
