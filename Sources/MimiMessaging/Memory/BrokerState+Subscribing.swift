import DequeModule

extension BrokerState {
    /// Declares what a subscription needs, and begins to deliver to it.
    /// - Throws: `notStarted`; `topology` if the queue exists with other arguments.
    mutating func subscribe(
        _ subscription: Subscription, link: LinkID?, receiver: @escaping @Sendable (any Delivery) -> Void
    ) throws(MessagingError) -> ConsumerID {
        let link = try openLink(link)
        let id = nextConsumerID(on: link)
        let queue: String
        if let durable = subscription.durableQueue {
            queue = durable
            try declare(queue, for: subscription)
        } else {
            // No name of a queue holds this sign.
            queue = "#\(nextNumber())"
            queues[queue] = MemoryQueue(MemoryQueue.Declaration(isTemporary: true))
        }
        if case .events(let topic, _) = subscription.source, topics[topic]?.contains(queue) != true {
            topics[topic, default: []].append(queue)
        }
        consumers[id] = Consumer(queue: queue, receiver: receiver)
        queues[queue]?.add(
            id, priority: subscription.priority ?? 0, prefetch: subscription.prefetch ?? subscription.concurrency)
        deliver(from: queue)
        return id
    }

    /// Ends a subscription. What was handed over can still be settled; what was not goes back.
    mutating func cancel(_ id: ConsumerID, waiter: CheckedContinuation<Void, Never>, at now: MessagingClock.Instant) {
        remove(id, at: now)
        if receiving == id {
            cancelling[id, default: []].append(waiter)
        } else {
            effects.wakes.append(waiter)
        }
    }

    mutating func remove(_ id: ConsumerID, at now: MessagingClock.Instant) {
        guard let consumer = consumers.removeValue(forKey: id) else { return }
        queues[consumer.queue]?.remove(id)
        let isItsOwn = { [unsettled] (tag: DeliveryTag) in unsettled[tag]?.consumer == id }
        let stranded = outbox.filter(isItsOwn)
        outbox.removeAll(where: isItsOwn)
        for tag in stranded { giveBack(tag, isRedelivered: false, at: now) }
        if queues[consumer.queue]?.declaration.isTemporary == true {
            delete(consumer.queue)
        } else {
            deliver(from: consumer.queue)
        }
    }

    /// The name of the queue where the dead letters of a queue are kept.
    static func deadLetterQueue(of queue: String) -> String { queue + ".dead" }

    private mutating func declare(_ queue: String, for subscription: Subscription) throws(MessagingError) {
        let wanted = MemoryQueue.Declaration(
            isSingleActive: subscription.isSingleActive, arguments: subscription.queueArguments)
        if let known = queues[queue]?.declaration {
            guard known == wanted else {
                throw MessagingError(
                    .topology, "the queue exists, with \(known.differences(from: wanted))", target: queue)
            }
        } else {
            queues[queue] = MemoryQueue(wanted)
            let dead = Self.deadLetterQueue(of: queue)
            if queues[dead] == nil { queues[dead] = MemoryQueue(MemoryQueue.Declaration()) }
        }
    }

    private mutating func delete(_ queue: String) {
        guard let gone = queues.removeValue(forKey: queue) else { return }
        for message in gone.ready {
            if let expiry = message.expiry { timers.cancel(expiry) }
        }
        for topic in topics.keys {
            topics[topic]?.removeAll { $0 == queue }
            if topics[topic]?.isEmpty == true { topics[topic] = nil }
        }
    }

    /// - Throws: `notStarted` if the link is closed or about to be.
    func openLink(_ link: LinkID?) throws(MessagingError) -> LinkID {
        guard let link, links[link]?.closing.isEmpty == true else {
            throw MessagingError(.notStarted, "the adapter is not started")
        }
        return link
    }
}

extension MemoryQueue.Declaration {
    /// What is different, for a person.
    fileprivate func differences(from wanted: MemoryQueue.Declaration) -> String {
        var differences: [String] = []
        if isSingleActive != wanted.isSingleActive {
            differences.append("single active consumer \(isSingleActive) instead of \(wanted.isSingleActive)")
        }
        let keys = Set(arguments.keys).union(wanted.arguments.keys).sorted()
        for key in keys where arguments[key] != wanted.arguments[key] {
            differences.append("another '\(key.escapedForLog)'")
        }
        return differences.joined(separator: ", ")
    }
}
