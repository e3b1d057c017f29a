/// The handlers of one queue, one for each method.
///
/// ```swift
/// try await bus.requests("orders") { orders in
///     orders.on(ShowOrder.self) { show, context in try await store.order(show.id) }
///     orders.command("cancel") { message, context in try await store.cancel(message["id"]) }
/// }
/// ```
public struct RequestHandlers {
    private let queue: String
    private var table = HandlerTable()

    init(queue: String) { self.queue = queue }

    /// Handles a command of free form.
    public mutating func command(
        _ method: String, handler: @escaping @Sendable (Message, MessageContext) async throws -> Void
    ) {
        table.add(.command, method) { message, context in
            try message.refuseUnreadable()
            try await handler(message, context)
            return nil
        }
    }

    /// Handles a query of free form.
    public mutating func query(
        _ method: String, handler: @escaping @Sendable (Message, MessageContext) async throws -> Message
    ) {
        table.add(.query, method) { message, context in
            try message.refuseUnreadable()
            return try await handler(message, context)
        }
    }

    /// Handles a command with a type of its own.
    public mutating func on<Command: CommandMessage>(
        _ type: Command.Type, handler: @escaping @Sendable (Command, MessageContext) async throws -> Void
    ) {
        guard let method = method(of: Command.target, type) else { return }
        table.add(.command, method) { message, context in
            try await handler(try message.refusingDecode(as: type), context)
            return nil
        }
    }

    /// Handles a query with a type of its own.
    public mutating func on<Query: QueryMessage>(
        _ type: Query.Type, handler: @escaping @Sendable (Query, MessageContext) async throws -> Query.Answer
    ) {
        guard let method = method(of: Query.target, type) else { return }
        table.add(.query, method) { message, context in
            Message(encoding: try await handler(try message.refusingDecode(as: type), context))
        }
    }

    /// The handlers, if they were registered without mistakes.
    func finished() throws(MessagingError) -> HandlerTable { try table.checked(for: queue) }

    private mutating func method(of target: RequestTarget, _ type: Any.Type) -> String? {
        let queue = queue
        return table.collect { () throws(MessagingError) in
            let target = try target.validated()
            guard target.queue == queue else {
                throw MessagingError(
                    .registration, "\(type) goes to the queue '\(target.queue)', not to '\(queue)'",
                    target: target.description)
            }
            return target.method
        }
    }
}
