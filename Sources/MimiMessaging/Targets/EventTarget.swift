/// Where an event goes: a topic and the type of the event, written `topic#type`.
///
/// ```swift
/// try await bus.event("users#locked", ["id": "b3cc29c8d2ec68e0"])
/// ```
///
/// A literal is not checked when it is created but when it is used, so a wrong one throws from the call that uses it
/// (``MessagingError/Code/invalidTarget``).
public struct EventTarget: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The topic, without the namespace. Empty if the target is not valid.
    public let topic: String
    /// The type of the event. Empty if the target is not valid.
    public let type: String
    /// The text of the target.
    public let description: String

    /// Parses `topic#type`.
    /// - Throws: ``MessagingError/Code/invalidTarget``.
    public init(_ text: String) throws(MessagingError) {
        (topic, type) = try TargetGrammar.split(text, at: "#")
        description = text
    }

    /// Takes a literal; ``validated()`` tells whether it is a target.
    public init(stringLiteral text: String) {
        (topic, type) = (try? TargetGrammar.split(text, at: "#")) ?? ("", "")
        description = text
    }

    /// This target, if it is one.
    /// - Throws: ``MessagingError/Code/invalidTarget``.
    public func validated() throws(MessagingError) -> EventTarget {
        topic.isEmpty ? try EventTarget(description) : self
    }
}
