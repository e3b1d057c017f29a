/// A message that an adapter has delivered, until it is settled.
public protocol Delivery: Sendable {
    /// The message.
    var message: IncomingMessage { get }

    /// Whether settling it can still reach the bus. False when the link over which it came is gone: then the bus
    /// delivers it again, and there is no use in handling this one.
    var isCurrent: Bool { get }

    /// Tells the bus what became of it. Called once. It returns when the adapter has done its part, and never throws: a
    /// message whose settlement fails is delivered again.
    func settle(_ settlement: Settlement) async
}

/// What becomes of a delivered message.
public enum Settlement: Sendable {
    /// It is done; the bus forgets it.
    case accept
    /// The query is answered: the reply is sent and confirmed, then the query is forgotten. If the asker is gone, the
    /// reply is dropped.
    case reply(OutgoingMessage)
    /// It is delivered again after a delay (one of ``Subscription/retryDelays``, or zero) with the next attempt number.
    case retry(after: Duration, failure: FailureRecord?)
    /// It is moved to the dead letters with the reason. A query's asker gets the reply first.
    case deadLetter(FailureRecord, reply: OutgoingMessage?)
    /// It is delivered again at once, with the same attempt number: its processor stopped.
    case giveBack
}
