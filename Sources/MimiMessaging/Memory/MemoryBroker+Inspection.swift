import DequeModule

/// How many messages a queue of a ``MemoryBroker`` holds.
public struct QueueDepth: Hashable, Sendable {
    /// Messages that wait for a processor.
    public var ready: Int
    /// Messages that wait for their next attempt.
    public var delayed: Int
    /// Messages that are with processors.
    public var unsettled: Int

    /// Creates a depth, for example to compare with.
    public init(ready: Int = 0, delayed: Int = 0, unsettled: Int = 0) {
        self.ready = ready
        self.delayed = delayed
        self.unsettled = unsettled
    }
}

/// A message that was given up, with the reason.
public struct DeadLetter: Sendable {
    /// The message as it was sent, with the number of its last attempt.
    public var message: IncomingMessage
    /// Why it was given up.
    public var failure: FailureRecord
    /// When it was given up, by the broker's clock.
    public var time: MessagingClock.Instant
}

extension MemoryBroker {
    /// What a queue holds; nil if there is no such queue.
    public func depth(of queue: String) -> QueueDepth? {
        look { state in
            state.queues[queue].map { QueueDepth(ready: $0.ready.count, delayed: $0.delayed, unsettled: $0.unsettled) }
        }
    }

    /// The messages of a queue that were given up, the oldest first. They wait in the queue `<queue>.dead`.
    public func deadLetters(of queue: String) -> [DeadLetter] {
        look { state in
            (state.queues[BrokerState.deadLetterQueue(of: queue)]?.ready ?? []).compactMap { message in
                message.death.map { DeadLetter(message: message.message, failure: $0.failure, time: $0.time) }
            }
        }
    }

    /// Puts a message into a queue as it is, as a foreign tool would do.
    /// - Parameter message: Its deadline is told by ``clock``. Nobody gets the reply if it is a query.
    /// - Throws: ``MessagingError/Code/unroutable`` if there is no such queue.
    public func publish(_ message: IncomingMessage, toQueue queue: String) throws(MessagingError) {
        try change { (state, now) throws(MessagingError) in try state.publish(message, toQueue: queue, at: now) }
    }

    /// Sends a message as it is to each queue that listens to a topic, as a foreign tool would do.
    public func publish(_ message: IncomingMessage, toTopic topic: String) {
        change { state, now in state.publish(message, toTopic: topic, at: now) }
    }
}
