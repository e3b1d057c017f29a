/// Handlers by kind and method. Mistakes are collected and thrown when the table is finished, so that the closures that
/// fill it need no `try`.
struct HandlerTable: MessageHandler {
    typealias Handler = @Sendable (Message, MessageContext) async throws -> Message?

    private struct Key: Hashable {
        let kind: MessageKind
        let method: String
    }

    private var handlers: [Key: Handler] = [:]
    private var mistake: MessagingError?
    /// Whether an event of an unknown type is done instead of refused: a topic carries many types of events, and a
    /// listener chooses those that it cares about.
    var ignoresUnknownEvents = false

    mutating func add(_ kind: MessageKind, _ method: String, handler: @escaping Handler) {
        if !TargetGrammar.isWord(Array(method.utf8)[...]) {
            note(MessagingError(.registration, "'\(method.escapedForLog)' is not a word of letters, digits and '_'"))
        } else if handlers.updateValue(handler, forKey: Key(kind: kind, method: method)) != nil {
            note(MessagingError(.registration, "the \(kind) '\(method)' has two handlers"))
        }
    }

    /// Runs a step of the registration; its mistake is kept and nil returned.
    mutating func collect<Value>(_ step: () throws(MessagingError) -> Value) -> Value? {
        do {
            return try step()
        } catch {
            note(error)
            return nil
        }
    }

    /// The first mistake counts.
    private mutating func note(_ mistake: MessagingError) { self.mistake = self.mistake ?? mistake }

    func checked(for name: String) throws(MessagingError) -> HandlerTable {
        if let mistake { throw mistake.with(target: name) }
        guard !handlers.isEmpty else {
            throw MessagingError(.registration, "no handler was registered", target: name)
        }
        return self
    }

    func knows(_ kind: MessageKind, _ method: String) -> Bool { handlers[Key(kind: kind, method: method)] != nil }

    func handle(_ kind: MessageKind, _ method: String, _ message: Message, _ context: MessageContext) async throws
        -> Message?
    {
        guard let handler = handlers[Key(kind: kind, method: method)] else {
            if ignoresUnknownEvents, kind == .event { return nil }
            throw RefusedMessage(error: .unknown(method: method, target: context.target))
        }
        return try await handler(message, context)
    }
}
