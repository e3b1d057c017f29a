/// Middleware, composed once: the first of the list is the outermost.
///
/// The last of a chain has no capture list: with one, a closure leaves the actor of its caller, which costs two switches of
/// threads for each message (Swift 6.3).
struct MiddlewareChain: Sendable {
    private let middleware: [any MessagingMiddleware]

    init(_ middleware: [any MessagingMiddleware]) { self.middleware = middleware }

    func send(_ last: @escaping MessagingMiddleware.SendNext) -> MessagingMiddleware.SendNext {
        middleware.reversed().reduce(last) { next, step in
            { message in try await step.send(message, next: next) }
        }
    }

    func process(_ last: @escaping MessagingMiddleware.ProcessNext) -> MessagingMiddleware.ProcessNext {
        middleware.reversed().reduce(last) { next, step in
            { message, context in try await step.process(message, context: context, next: next) }
        }
    }
}
