/// One publish on its way: what is sent, and who waits for the outcome.
///
/// It is over once, however it ends: an answer of the broker, a deadline, the caller's cancellation (which may come
/// before the connection has seen the request at all), the end of the channel.
// Unchecked: the constants are immutable; `state` and `deadline` are touched by the connection's loop only, which
// gets the request through the mailbox.
final class PublishRequest: @unchecked Sendable {
    private enum State {
        case fresh
        case waiting(PublishWaiter)
        case over
    }

    let message: AMQPMessage
    let exchange: String
    let routingKey: String
    let mandatory: Bool
    /// Whether the caller waits for the broker's confirm, or only until the message is in the out buffer.
    let awaitsConfirm: Bool
    /// How long the caller waits; nil for as long as for a method.
    private let timeout: Duration?
    private(set) var deadline: MonotonicInstant?
    private var state = State.fresh

    init(
        message: AMQPMessage, exchange: String, routingKey: String, mandatory: Bool, awaitsConfirm: Bool,
        timeout: Duration?
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.awaitsConfirm = awaitsConfirm
        self.timeout = timeout
    }

    /// Whether nobody waits any more.
    var isOver: Bool { if case .over = state { true } else { false } }

    /// Takes the waiter, and starts the time. Returns false when the request was cancelled before: the waiter is still the
    /// caller's then.
    func begin(_ waiter: PublishWaiter, now: MonotonicInstant, standardTimeout: Duration) -> Bool {
        guard case .fresh = state else { return false }
        state = .waiting(waiter)
        deadline = now + (timeout ?? standardTimeout)
        return true
    }

    /// Ends the request and gives the waiter, who has to be resumed. Nil when it is over or has not begun.
    func end() -> PublishWaiter? {
        defer { state = .over }
        guard case .waiting(let waiter) = state else { return nil }
        return waiter
    }

    /// Whether the returned message is this one. Routing alone does not say: a queue may have come or gone between
    /// two messages with the same key. Message and correlation id tell them apart.
    func matches(exchange: String, routingKey: String, properties: AMQPProperties?) -> Bool {
        guard mandatory, self.routingKey == routingKey, self.exchange == exchange else { return false }
        guard let properties else { return true }
        return message.properties.messageID == properties.messageID
            && message.properties.correlationID == properties.correlationID
    }
}
