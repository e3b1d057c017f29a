/// The handlers of one topic, one for each type of event.
public struct EventHandlers {
    private let topic: String
    private var table = HandlerTable()

    init(topic: String) { self.topic = topic }

    /// Handles an event of free form.
    public mutating func event(
        _ type: String, handler: @escaping @Sendable (Message, MessageContext) async throws -> Void
    ) {
        table.add(.event, type) { message, context in
            try message.refuseUnreadable()
            try await handler(message, context)
            return nil
        }
    }

    /// Handles an event with a type of its own.
    public mutating func on<Event: EventMessage>(
        _ type: Event.Type, handler: @escaping @Sendable (Event, MessageContext) async throws -> Void
    ) {
        let topic = topic
        let eventType = table.collect { () throws(MessagingError) in
            let target = try Event.target.validated()
            guard target.topic == topic else {
                throw MessagingError(
                    .registration, "\(type) belongs to the topic '\(target.topic)', not to '\(topic)'",
                    target: target.description)
            }
            return target.type
        }
        guard let eventType else { return }
        table.add(.event, eventType) { message, context in
            try await handler(try message.refusingDecode(as: type), context)
            return nil
        }
    }

    /// The handlers, if they were registered without mistakes. Events of other types are none of their business.
    func finished() throws(MessagingError) -> HandlerTable {
        var table = try table.checked(for: topic)
        table.ignoresUnknownEvents = true
        return table
    }
}
