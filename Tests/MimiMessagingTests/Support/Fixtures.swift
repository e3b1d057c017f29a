import Logging
import MimiMessagingTesting

@testable import MimiMessaging

extension BusEnvironment {
    /// What a bus with these options has.
    static func make(
        _ options: MessagingOptions = [:], serializers: [any MessageSerializer] = [],
        middleware: [any MessagingMiddleware] = [], clock: MessagingClock = MessagingClock(TestClock()),
        logger: Logger = LogRecorder().logger
    ) throws -> BusEnvironment {
        try BusEnvironment(
            options: options, system: "memory", serializers: serializers, middleware: middleware, clock: clock,
            logger: logger)
    }
}

/// A handler that is a closure.
struct ClosureHandler: MessageHandler {
    let body: @Sendable (MessageKind, String, Message, MessageContext) async throws -> Message?

    init(_ body: @escaping @Sendable (MessageKind, String, Message, MessageContext) async throws -> Message?) {
        self.body = body
    }

    func handle(_ kind: MessageKind, _ method: String, _ message: Message, _ context: MessageContext) async throws
        -> Message?
    {
        try await body(kind, method, message, context)
    }
}

extension MessageDispatcher {
    static func make(
        _ handler: any MessageHandler, environment: BusEnvironment, name: String = "orders",
        policy: RetryPolicy = .standard,
        retriesQueries: Bool = false, isDurable: Bool = true
    ) -> MessageDispatcher {
        MessageDispatcher(
            name: name, handler: handler, retryPolicy: policy, retriesQueries: retriesQueries, isDurable: isDurable,
            environment: environment)
    }
}

extension IncomingMessage {
    static func make(
        _ kind: MessageKind = .command, method: String? = "do", body: String = "{}", attempt: Int = 1,
        deadline: MessagingClock.Instant? = nil
    ) -> IncomingMessage {
        IncomingMessage(
            kind: kind, id: "id-1", method: method, body: Array(body.utf8), contentType: "application/json",
            attempt: attempt, deadline: deadline)
    }
}

extension Settlement {
    /// The settlement in one word, with what matters of it, so that tests can compare it.
    var summary: String {
        switch self {
        case .accept: "accept"
        case .giveBack: "give back"
        case .reply(let reply):
            reply.failure.map { "reply failure \($0.code)" } ?? "reply \(String(decoding: reply.body, as: UTF8.self))"
        case .retry(let delay, let failure): "retry after \(delay)" + (failure.map { " \($0.code)" } ?? "")
        case .deadLetter(let failure, let reply):
            "dead letter \(failure.code)" + (reply.map { " reply failure \($0.failure?.code ?? "none")" } ?? "")
        }
    }
}

/// A delivery that notes how it was settled.
final class TestDelivery: Delivery {
    let message: IncomingMessage
    let journal: Journal<String>
    private let current: Lock<Bool>

    init(_ message: IncomingMessage = .make(), journal: Journal<String> = Journal(), isCurrent: Bool = true) {
        self.message = message
        self.journal = journal
        current = Lock(isCurrent)
    }

    var isCurrent: Bool { current.withLock { $0 } }

    func settle(_ settlement: Settlement) async { journal.note("\(message.id ?? "") \(settlement.summary)") }
}
