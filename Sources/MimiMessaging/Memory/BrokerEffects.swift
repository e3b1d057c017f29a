/// What the in-memory broker has to do, outside its lock, after its state has changed.
struct BrokerEffects: Sendable {
    /// Queries that are over.
    var answers: [(waiter: PendingReplies.Waiter, result: Result<IncomingMessage, any Error>)] = []
    /// Watchers that may go on.
    var watchers: [(continuation: CheckedContinuation<Void, any Error>, result: Result<Void, any Error>)] = []
    /// Waiters that may go on.
    var wakes: [CheckedContinuation<Void, Never>] = []
    /// Whether somebody has to begin handing deliveries over.
    var handsOver = false
    /// A change of the time to wake up at.
    var alarm: BrokerAlarm.Change?
}

/// When the broker has to wake up. A pure value.
struct BrokerAlarm: Sendable {
    /// A change of the alarm. Changes may be carried out in another order; the one with the highest turn counts.
    struct Change: Sendable {
        let turn: Int
        /// When to ring; nil for never.
        let deadline: MessagingClock.Instant?
    }

    private var turn = 0
    private var deadline: MessagingClock.Instant?

    /// What has to change so that the alarm rings at a time. An alarm that rings too early is left: it will be set anew
    /// when it has rung, which is cheaper than doing so for each query that was answered.
    mutating func change(for next: MessagingClock.Instant?) -> Change? {
        switch (next, deadline) {
        case (nil, nil): return nil
        case (let next?, let deadline?) where next >= deadline: return nil
        default:
            turn += 1
            deadline = next
            return Change(turn: turn, deadline: next)
        }
    }

    /// It rang, unless it was set anew meanwhile.
    mutating func rang(_ turn: Int) {
        if turn == self.turn { deadline = nil }
    }
}
