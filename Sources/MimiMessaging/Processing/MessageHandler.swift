/// What handles the messages of one registration, whichever way it was written.
protocol MessageHandler: Sendable {
    /// Handles a message.
    /// - Returns: The answer of a query, nil otherwise.
    /// - Throws: ``MessagingError/Code/unknownMethod`` or ``MessagingError/Code/serialization`` for what can never work,
    ///   as ``RefusedMessage``; anything else from the user's code.
    func handle(_ kind: MessageKind, _ method: String, _ message: Message, _ context: MessageContext) async throws
        -> Message?

    /// Whether it has such a method. One that cannot say so says yes.
    func knows(_ kind: MessageKind, _ method: String) -> Bool
}

extension MessageHandler {
    func knows(_ kind: MessageKind, _ method: String) -> Bool { true }
}

/// A message that this processor can never handle: dead-lettered at once.
struct RefusedMessage: Error {
    let error: MessagingError
}

/// Commands and queries for an object.
struct RequestProcessorHandler: MessageHandler {
    let processor: any RequestProcessor

    func handle(_ kind: MessageKind, _ method: String, _ message: Message, _ context: MessageContext) async throws
        -> Message?
    {
        try message.refuseUnreadable()
        do {
            switch kind {
            case .command:
                try await processor.command(method, message, context: context)
                return nil
            case .query: return try await processor.query(method, message, context: context)
            case .event, .reply: throw MessagingError.unknown(method: method, target: context.target)
            }
        } catch let error as MessagingError where error.code == .unknownMethod {
            throw RefusedMessage(error: error)
        }
    }
}

/// Events for an object.
struct EventProcessorHandler: MessageHandler {
    let processor: any EventProcessor

    func handle(_ kind: MessageKind, _ method: String, _ message: Message, _ context: MessageContext) async throws
        -> Message?
    {
        guard kind == .event else {
            throw RefusedMessage(error: .unknown(method: method, target: context.target))
        }
        try message.refuseUnreadable()
        do {
            try await processor.event(method, message, context: context)
            return nil
        } catch let error as MessagingError where error.code == .unknownMethod {
            throw RefusedMessage(error: error)
        }
    }
}

extension Message {
    /// A processor of free messages gets only bodies that can be read.
    func refuseUnreadable() throws(RefusedMessage) {
        do { _ = try values() } catch { throw RefusedMessage(error: error) }
    }

    /// The body as the type that a handler wants.
    func refusingDecode<Value: Decodable>(as type: Value.Type) throws(RefusedMessage) -> Value {
        do { return try decode(as: type) } catch { throw RefusedMessage(error: error) }
    }
}
