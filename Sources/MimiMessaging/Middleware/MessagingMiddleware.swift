/// Steps that every message passes, on its way out and on its way into a processor.
///
/// Middleware is given to the bus as a list. The first of the list is the outermost: it sees a message first and its
/// outcome last, when sending as well as when processing. Metrics and tracing of this layer stand outside of all of it.
///
/// A step may change the message, do something before and after, or throw instead of going on. It calls `next` at most
/// once.
public protocol MessagingMiddleware: Sendable {
    /// What goes on after this step, when sending. Returns the reply of a query, nil for commands and events.
    typealias SendNext = @Sendable (OutgoingMessage) async throws -> IncomingMessage?
    /// What goes on after this step, when processing. Returns the answer of a query, nil for commands and events.
    typealias ProcessNext = @Sendable (IncomingMessage, MessageContext) async throws -> Message?

    /// A message is being sent; it is encoded already.
    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage?

    /// A message is about to be processed. What this throws counts as thrown by the processor.
    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message?
}

extension MessagingMiddleware {
    /// Goes on.
    public func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        try await next(message)
    }

    /// Goes on.
    public func process(
        _ message: IncomingMessage, context: MessageContext, next: ProcessNext
    ) async throws -> Message? {
        try await next(message, context)
    }
}
