extension BrokerState {
    /// Does what a processor decided about a delivery. One that is settled already, or whose link is gone, is left alone.
    mutating func settle(_ tag: DeliveryTag, _ settlement: Settlement, at now: MessagingClock.Instant) {
        if case .giveBack = settlement { return giveBack(tag, isRedelivered: true, at: now) }
        guard let delivery = release(tag) else { return }
        switch settlement {
        case .accept, .giveBack: break
        case .reply(let reply): answer(delivery.message.replyAddress, reply, at: now)
        case .retry(let delay, _): retry(delivery, after: delay, at: now)
        case .deadLetter(let failure, let reply):
            if let reply { answer(delivery.message.replyAddress, reply, at: now) }
            bury(delivery, failure, at: now)
        }
        deliver(from: delivery.queue)
    }

    /// Puts a delivery back into its place in the queue.
    mutating func giveBack(_ tag: DeliveryTag, isRedelivered: Bool, at now: MessagingClock.Instant) {
        guard let delivery = release(tag) else { return }
        var message = delivery.message
        if isRedelivered { message.message.isRedelivered = true }
        enqueue(message, to: delivery.queue, at: now)
        deliver(from: delivery.queue)
    }

    /// Puts back what matches and is not settled, in the order of its delivery.
    mutating func giveBackUnsettled(at now: MessagingClock.Instant, where isAbandoned: (Unsettled) -> Bool) {
        for tag in unsettled.filter({ isAbandoned($0.value) }).keys.sorted() {
            giveBack(tag, isRedelivered: true, at: now)
        }
    }

    private mutating func release(_ tag: DeliveryTag) -> Unsettled? {
        guard let delivery = unsettled.removeValue(forKey: tag) else { return nil }
        queues[delivery.queue]?.settled(by: delivery.consumer)
        return delivery
    }

    /// A retry is a new message at the end of the queue, with the next attempt number.
    private mutating func retry(_ delivery: Unsettled, after delay: Duration, at now: MessagingClock.Instant) {
        var message = delivery.message.message
        if message.attempt < .max { message.attempt += 1 }
        message.isRedelivered = false
        let next = QueuedMessage(
            number: nextNumber(), message: message, replyAddress: delivery.message.replyAddress,
            death: delivery.message.death)
        guard delay > .zero, queues[delivery.queue] != nil else {
            return enqueue(next, to: delivery.queue, at: now)
        }
        queues[delivery.queue]?.delayed += 1
        _ = timers.schedule(.retry(next, queue: delivery.queue), at: now.advanced(by: delay))
    }

    private mutating func bury(_ delivery: Unsettled, _ failure: FailureRecord, at now: MessagingClock.Instant) {
        var message = delivery.message.message
        message.isRedelivered = false
        // A dead letter stays until somebody looks at it.
        message.deadline = nil
        let death = QueuedMessage.Death(failure: failure, time: now)
        enqueue(
            QueuedMessage(number: nextNumber(), message: message, death: death),
            to: Self.deadLetterQueue(of: delivery.queue), at: now)
    }
}
