extension BrokerState {
    /// Makes a place for the reply to a query.
    /// - Throws: `notStarted`.
    mutating func reserveReply(link: LinkID?) throws(MessagingError) -> ReplyAddress {
        let link = try openLink(link)
        guard let query = links[link]?.replies.reserve() else {
            throw MessagingError(.notStarted, "the adapter is not started")
        }
        return ReplyAddress(link: link, query: query)
    }

    /// Sends a query and lets its asker wait.
    mutating func ask(
        _ message: IncomingMessage, queue: String, address: ReplyAddress, waiter: PendingReplies.Waiter,
        at now: MessagingClock.Instant
    ) {
        guard links[address.link] != nil else {
            let error = MessagingError(.notStarted, "the adapter was stopped")
            return effects.answers.append((waiter, .failure(error)))
        }
        guard links[address.link]?.replies.isWanted(address.query) == true else {
            return effects.answers.append((waiter, .failure(CancellationError())))
        }
        let deadline = message.deadline ?? now
        let timer = timers.schedule(.giveUp(address), at: deadline)
        links[address.link]?.replies.wait(address.query, PendingReplies.Query(waiter: waiter, timer: timer))
        guard deadline > now else {
            return fail(address, MessagingError(.timeout, "the deadline has passed"), at: now)
        }
        do {
            try publish(message, toQueue: queue, replyAddress: address, at: now)
        } catch {
            fail(address, error, at: now)
        }
    }

    /// Takes a reply to whoever waits for it. If nobody does (any more), it is dropped.
    mutating func answer(_ address: ReplyAddress?, _ reply: OutgoingMessage, at now: MessagingClock.Instant) {
        guard let address, let limit = links[address.link]?.maximumBodySize else { return }
        guard reply.body.count <= limit else {
            let size = "the reply has \(reply.body.count) bytes, more than mq_max_body_size (\(limit))"
            return fail(address, MessagingError(.messageTooLarge, size), at: now)
        }
        finish(address, .success(IncomingMessage(reply, deadline: nil)), at: now)
    }

    /// Ends a query with an error, if it still waits.
    mutating func fail(_ address: ReplyAddress, _ error: any Error, at now: MessagingClock.Instant) {
        finish(address, .failure(error), at: now)
    }

    /// Ends a query whose task was cancelled.
    mutating func cancelQuery(_ address: ReplyAddress, at now: MessagingClock.Instant) {
        if let query = links[address.link]?.replies.cancel(address.query) {
            end(query, .failure(CancellationError()), link: address.link, at: now)
        }
    }

    private mutating func finish(
        _ address: ReplyAddress, _ result: Result<IncomingMessage, any Error>, at now: MessagingClock.Instant
    ) {
        if let query = links[address.link]?.replies.take(address.query) {
            end(query, result, link: address.link, at: now)
        }
    }

    private mutating func end(
        _ query: PendingReplies.Query, _ result: Result<IncomingMessage, any Error>, link: LinkID,
        at now: MessagingClock.Instant
    ) {
        timers.cancel(query.timer)
        effects.answers.append((query.waiter, result))
        if links[link]?.closingTimer != nil, links[link]?.replies.waiting == 0 {
            finishClosing(link, at: now)
        }
    }

    /// Closes a link: nothing can be sent over it from here on; queries that wait may get their replies until the deadline.
    mutating func close(
        _ link: LinkID, deadline: MessagingClock.Instant, waiter: CheckedContinuation<Void, Never>,
        at now: MessagingClock.Instant
    ) {
        guard links[link] != nil else { return effects.wakes.append(waiter) }
        links[link]?.closing.append(waiter)
        if links[link]?.replies.waiting == 0 || deadline <= now {
            finishClosing(link, at: now)
        } else if links[link]?.closingTimer == nil {
            links[link]?.closingTimer = timers.schedule(.close(link), at: deadline)
        }
    }

    /// Ends a link: what waits fails, its subscriptions end, what they did not settle is delivered to others.
    mutating func finishClosing(_ id: LinkID, at now: MessagingClock.Instant) {
        guard var link = links.removeValue(forKey: id) else { return }
        if let timer = link.closingTimer { timers.cancel(timer) }
        for query in link.replies.takeAll() {
            timers.cancel(query.timer)
            effects.answers.append((query.waiter, .failure(MessagingError(.connection, "the bus was stopped"))))
        }
        for consumer in consumers.keys where consumer.link == id { remove(consumer, at: now) }
        giveBackUnsettled(at: now) { $0.consumer.link == id }
        effects.wakes += link.closing
    }
}
