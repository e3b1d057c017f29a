/// Processes the commands and queries of a queue, as an object.
///
/// A processor without queries, or without commands, leaves that method out.
public protocol RequestProcessor: Sendable {
    /// Processes a command. When it returns, the message is done; when it throws, see ``RetryPolicy`` and ``NACK``.
    func command(_ method: String, _ message: Message, context: MessageContext) async throws

    /// Processes a query and answers it. When it throws, the asker gets ``MessagingError/Code/remote``.
    func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message
}

extension RequestProcessor {
    /// Knows no command.
    public func command(_ method: String, _ message: Message, context: MessageContext) async throws {
        throw MessagingError.unknown(method: method, target: context.target)
    }

    /// Knows no query.
    public func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
        throw MessagingError.unknown(method: method, target: context.target)
    }
}

/// Processes the events of a topic, as an object.
public protocol EventProcessor: Sendable {
    /// Processes an event. When it returns, the event is done; when it throws, see ``RetryPolicy`` and ``NACK``.
    func event(_ type: String, _ message: Message, context: MessageContext) async throws
}

extension MessagingError {
    /// For processors as objects: what they throw for a method that they do not know.
    public static func unknown(method: String, target: String) -> MessagingError {
        MessagingError(.unknownMethod, "the processor does not know '\(method.escapedForLog)'", target: target)
    }
}
