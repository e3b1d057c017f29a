/// A message in a queue of the in-memory broker, or on its way from there to a processor.
struct QueuedMessage: Sendable {
    /// Its place: a message with a lower number was queued before.
    let number: Int
    /// The message; its deadline is told by the broker's clock.
    var message: IncomingMessage
    /// Who waits for the reply, if anybody does.
    let replyAddress: ReplyAddress?
    /// Why it is here, in a queue of dead letters.
    var death: Death?
    /// What removes it from the queue when nobody waits for it any more.
    var expiry: TimerQueue<BrokerEvent>.ID?

    /// Why and when a message was given up.
    struct Death: Sendable {
        let failure: FailureRecord
        let time: MessagingClock.Instant
    }

    init(number: Int, message: IncomingMessage, replyAddress: ReplyAddress? = nil, death: Death? = nil) {
        self.number = number
        self.message = message
        self.replyAddress = replyAddress
        self.death = death
    }
}

/// Where a reply goes: a link to the broker, and what waits there.
struct ReplyAddress: Hashable, Sendable {
    let link: LinkID
    let query: PendingReplies.ID
}

/// What the broker has to do at a certain time.
enum BrokerEvent: Sendable {
    /// A message has waited for its next attempt.
    case retry(QueuedMessage, queue: String)
    /// Nobody waits for the reply to a message of a queue any more.
    case expire(number: Int, queue: String)
    /// An asker has waited long enough.
    case giveUp(ReplyAddress)
    /// A link that is being closed has waited long enough.
    case close(LinkID)
}
