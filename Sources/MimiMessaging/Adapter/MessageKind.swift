/// What a message is.
public enum MessageKind: String, Hashable, Sendable, CaseIterable {
    /// One processor gets it; nobody waits.
    case command
    /// One processor gets it; the sender waits for the reply.
    case query
    /// Everybody who listens gets it.
    case event
    /// The answer to a query, or its failure.
    case reply
}
