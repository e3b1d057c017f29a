import DequeModule

extension BrokerState {
    /// Takes a message for a queue.
    /// - Throws: `unroutable`.
    mutating func publish(
        _ message: IncomingMessage, toQueue queue: String, replyAddress: ReplyAddress? = nil,
        at now: MessagingClock.Instant
    ) throws(MessagingError) {
        guard queues[queue] != nil else {
            throw MessagingError(.unroutable, "there is no queue '\(queue.escapedForLog)'")
        }
        enqueue(QueuedMessage(number: nextNumber(), message: message, replyAddress: replyAddress), to: queue, at: now)
    }

    /// Takes a message for each queue that listens to a topic.
    mutating func publish(_ message: IncomingMessage, toTopic topic: String, at now: MessagingClock.Instant) {
        for queue in topics[topic] ?? [] {
            enqueue(QueuedMessage(number: nextNumber(), message: message), to: queue, at: now)
        }
    }

    /// Puts a message into a queue, unless nobody waits for it any more or the queue is gone.
    mutating func enqueue(_ message: QueuedMessage, to queue: String, at now: MessagingClock.Instant) {
        var message = message
        if let deadline = message.message.deadline {
            guard deadline > now else { return }
            message.expiry = timers.schedule(.expire(number: message.number, queue: queue), at: deadline)
        }
        queues[queue]?.insert(message)
        deliver(from: queue)
    }

    /// Takes as many messages out of a queue as its consumers have room for.
    mutating func deliver(from queue: String) {
        while let (message, consumer) = queues[queue]?.takeDelivery() {
            if let expiry = message.expiry { timers.cancel(expiry) }
            let tag = nextTag()
            unsettled[tag] = Unsettled(message: message, queue: queue, consumer: consumer)
            outbox.append(tag)
        }
    }

    /// The next delivery to hand over, after the one before was; nil when there is none, and handing over ends.
    mutating func nextHandOver(at now: MessagingClock.Instant) -> HandOver? {
        if let receiving { effects.wakes += cancelling.removeValue(forKey: receiving) ?? [] }
        receiving = nil
        while let tag = outbox.popFirst() {
            guard let delivery = unsettled[tag], let consumer = consumers[delivery.consumer],
                let link = links[delivery.consumer.link]
            else { continue }
            receiving = delivery.consumer
            let message = link.received(delivery.message.message, at: now)
            return HandOver(tag: tag, message: message, receiver: consumer.receiver)
        }
        isHandingOver = false
        return nil
    }
}

extension BrokerState.Link {
    /// A message as this side of the link sees it: with deadlines by its own clock, and nothing that is too large.
    func received(_ message: IncomingMessage, at now: MessagingClock.Instant) -> IncomingMessage {
        var message = message
        message.deadline = message.deadline.map { clock.now.advanced(by: now.duration(to: $0)) }
        if message.body.count > maximumBodySize {
            message.defect = "the body has \(message.body.count) bytes, more than mq_max_body_size (\(maximumBodySize))"
            message.body = []
        }
        return message
    }
}
