import DequeModule

/// The methods of one channel that want an answer. One at a time is out, the others wait: AMQP numbers no answers.
struct RPCQueue<Waiter> {
    /// A method with whoever waits for its answer.
    struct Call {
        let method: OutgoingMethod
        let deadline: MonotonicInstant
        let waiter: Waiter
    }

    private var calls = Deque<Call>()
    private var isOut = false

    /// When the first of the calls has to be answered. Calls have the same time limit, so the oldest is due first.
    var deadline: MonotonicInstant? { calls.first?.deadline }

    /// The call that may be sent now.
    var nextToSend: Call? { isOut ? nil : calls.first }

    /// The call whose answer is waited for.
    var pending: Call? { isOut ? calls.first : nil }

    mutating func append(_ call: Call) { calls.append(call) }

    /// Notes that ``nextToSend`` was encoded.
    mutating func markSent() { isOut = true }

    /// Takes out ``nextToSend``, which could not be encoded.
    mutating func dropUnsent() -> Call? { isOut ? nil : calls.popFirst() }

    /// Takes out the call that `method` answers; nil when it answers none.
    mutating func takeAnswered(by method: IncomingMethod) -> Call? {
        guard isOut, let first = calls.first, first.method.isAnswered(by: method) else { return nil }
        isOut = false
        return calls.popFirst()
    }

    /// Takes out everything: the channel is gone.
    mutating func removeAll() -> Deque<Call> {
        isOut = false
        defer { calls = [] }
        return calls
    }
}
