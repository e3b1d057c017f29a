import RabbitMQClient

/// The broker's side of one channel.
final class BrokerChannel {
    /// A delivery that the client has not decided about.
    struct Unacked {
        let tag: UInt64
        let queue: BrokerQueue
        let message: QueuedMessage
    }

    let number: UInt16
    unowned let session: BrokerSession
    private(set) var unacked: [Unacked] = []
    private(set) var consumerTags: [String] = []
    var isConfirming: Bool { confirms.isOn }
    /// The broker has closed it, and waits for the answer.
    private(set) var isClosing = false
    /// Nothing that was delivered or published over it can be settled any more.
    private(set) var isReleased = false
    /// The broker has cancelled a consumer of it.
    private(set) var hasLostConsumer = false
    private var prefetch = 0
    private var lastTag: UInt64 = 0
    private var replyAddress: String?
    private let confirms: ConfirmSender
    private var content = ContentCollector()

    init(number: UInt16, session: BrokerSession) {
        self.number = number
        self.session = session
        confirms = ConfirmSender(scheduler: session.broker.scheduler)
        confirms.send = { [weak self] in self?.sendConfirm($0, multiple: $1, refused: $2) }
    }

    private var broker: Broker { session.broker }

    /// Closes the channel from the broker's side (`channel.close`).
    func close(_ code: UInt16, _ text: String) {
        guard !isClosing else { return }
        broker.scheduler.note("the broker closes channel \(session.link.number)/\(number): \(code) \(text)")
        isClosing = true
        send(20, 40, Octets.number(code) + Octets.short(text) + [0, 0, 0, 0])
        release()
    }

    /// Ends a consumer from the broker's side (`basic.cancel`).
    func cancelConsumer(_ tag: String) {
        guard let index = consumerTags.firstIndex(of: tag) else { return }
        broker.scheduler.note("the broker cancels a consumer on \(session.link.number)/\(number)")
        consumerTags.remove(at: index)
        hasLostConsumer = true
        send(60, 30, Octets.short(tag) + [1])
        for queue in broker.sortedQueues { queue.removeConsumers(of: self, tag: tag) }
    }

    func queueDeleted(_ queue: BrokerQueue) {
        for consumer in queue.consumers where consumer.channel === self { cancelConsumer(consumer.tag) }
    }

    /// Gives back what is undecided, and forgets its consumers.
    func release() {
        isReleased = true
        confirms.stop()
        consumerTags = []
        for queue in broker.sortedQueues { queue.removeConsumers(of: self) }
        if let replyAddress { broker.removeReplyAddress(replyAddress) }
        let left = unacked
        unacked = []
        for entry in left { giveBack(entry) }
    }

    func deliver(_ message: QueuedMessage, from queue: BrokerQueue, to consumer: BrokerQueue.Consumer) {
        lastTag += 1
        if !consumer.noAck { unacked.append(Unacked(tag: lastTag, queue: queue, message: message)) }
        message.id.map { broker.observer.delivered($0, queue.name) }
        broker.scheduler.note(
            "deliver \(message.id ?? -1) from \(queue.name) to \(session.link.number)/\(number) as \(lastTag)")
        sendDelivery(message, consumerTag: consumer.tag)
    }

    func receiveContent(_ type: UInt8, _ payload: [UInt8]) {
        guard !isClosing else { return }
        guard let event = content.receive(type, payload, codec: &broker.codec) else {
            return session.mistake("content out of turn on channel \(number)")
        }
        if case .complete(let address, let isMandatory, let message) = event { publish(message, address, isMandatory) }
    }

    func receive(_ method: ClientMethod) {
        guard !isClosing else {
            switch method {
            case .channelClose: send(20, 41)
            case .channelCloseOk: session.remove(self)
            default: break
            }
            return
        }
        guard content.isIdle else { return session.mistake("\(method) before the content is complete") }
        switch method {
        case .channelClose:
            release()
            session.remove(self)
            send(20, 41)
        case .exchangeDeclare(let name, let type, let isPassive):
            guard !isPassive || broker.hasExchange(name) else { return close(404, "no exchange '\(name)'") }
            guard broker.declareExchange(name, type: type) else { return close(406, "inequivalent type") }
            send(40, 11)
        case .queueDeclare(let declaration): declare(declaration)
        case .queueBind(let queue, let exchange, let arguments):
            guard broker.queues[queue] != nil else { return close(404, "no queue '\(queue)'") }
            guard broker.hasExchange(exchange) else { return close(404, "no exchange '\(exchange)'") }
            broker.bind(queue, to: exchange, arguments)
            send(50, 21)
        case .qos(let count):
            prefetch = count
            send(60, 11)
        case .consume(let queue, let tag, let noAck): consume(queue, tag, noAck: noAck)
        case .cancel(let tag):
            consumerTags.removeAll { $0 == tag }
            for queue in broker.sortedQueues { queue.removeConsumers(of: self, tag: tag) }
            send(60, 31, Octets.short(tag))
        case .publish(let address, let isMandatory): content.begin(address, isMandatory)
        case .ack(let tag, let multiple): settle(tag, multiple) { _ in }
        case .nack(let tag, let multiple, let requeue): settle(tag, multiple) { [self] in refuse($0, requeue) }
        case .reject(let tag, let requeue): settle(tag, false) { [self] in refuse($0, requeue) }
        case .confirmSelect:
            confirms.isOn = true
            send(85, 11)
        case .connectionClose, .connectionCloseOk, .channelOpen, .channelCloseOk:
            session.mistake("\(method) on channel \(number)")
        }
    }

    // MARK: Methods

    private func declare(_ declaration: QueueDeclaration) {
        let queue: BrokerQueue
        if let known = broker.queues[declaration.name] {
            guard !known.declaration.isExclusive || known.owner === session else { return close(405, "exclusive") }
            guard declaration.isPassive || known.declaration.arguments == declaration.arguments else {
                session.mistake("the queue \(known.name) is declared with other arguments")
                return close(406, "inequivalent arguments")
            }
            queue = known
        } else {
            guard !declaration.isPassive else { return close(404, "no queue '\(declaration.name)'") }
            queue = broker.declareQueue(declaration, owner: session)
        }
        send(
            50, 11,
            Octets.short(queue.name) + Octets.number(UInt32(queue.ready.count))
                + Octets.number(UInt32(queue.consumers.count)))
    }

    private func consume(_ name: String, _ tag: String, noAck: Bool) {
        guard !consumerTags.contains(tag) else { return session.mistake("a second consumer \(tag)") }
        if name == "amq.rabbitmq.reply-to" {
            guard noAck else { return session.mistake("replies are consumed with acknowledgements") }
            replyAddress = broker.makeReplyAddress(for: self)
        }
        let queue = broker.queues[name]
        guard queue != nil || replyAddress != nil else { return close(404, "no queue '\(name)'") }
        if let queue, queue.declaration.isExclusive, queue.owner !== session { return close(405, "exclusive") }
        consumerTags.append(tag)
        send(60, 21, Octets.short(tag))
        queue?.add(BrokerQueue.Consumer(channel: self, tag: tag, noAck: noAck, prefetch: prefetch))
    }

    private func settle(_ tag: UInt64, _ multiple: Bool, _ each: (Unacked) -> Void) {
        let settled = unacked.filter { multiple ? $0.tag <= tag : $0.tag == tag }
        guard settled.last?.tag == tag else {
            session.mistake("a verdict for delivery \(tag) of channel \(number), which is not open")
            return close(406, "unknown delivery tag \(tag)")
        }
        unacked.removeAll { multiple ? $0.tag <= tag : $0.tag == tag }
        broker.scheduler.note("verdict for \(settled.map { $0.message.id ?? -1 }) on \(session.link.number)/\(number)")
        for entry in settled {
            each(entry)
            entry.queue.pump()
        }
    }

    private func refuse(_ entry: Unacked, _ requeue: Bool) {
        if requeue { giveBack(entry) } else { broker.deadLetter(entry.message, from: entry.queue, reason: "rejected") }
    }

    private func giveBack(_ entry: Unacked) {
        if broker.queues[entry.queue.name] === entry.queue {
            entry.queue.takeBack(entry.message)
        } else {
            entry.message.id.map { broker.observer.lost($0, entry.queue.name) }
        }
    }

    // MARK: Publishing

    private func publish(_ message: AMQPMessage, _ address: Address, _ isMandatory: Bool) {
        session.published()
        var message = message
        if message.properties.replyTo == "amq.rabbitmq.reply-to" {
            guard let replyAddress else { return close(406, "fast reply consumer does not exist") }
            var properties = message.properties
            properties.replyTo = replyAddress
            message = AMQPMessage(properties: properties, body: message.body)
        }
        let publication = Publication(isConfirmed: !isConfirming)
        let queued = QueuedMessage(message: message, address: address, publication: publication)
        if !broker.sendHistory.note(message, to: address, on: self) {
            session.mistake("\(message.properties.type ?? "") \(queued.id ?? -1) is sent again without a loss")
        }
        if isConfirming, broker.refusals > 0 {
            broker.refusals -= 1
            broker.scheduler.note("refuse a publish to '\(address.exchange)' '\(address.routingKey)'")
            return confirms.add(publication, refused: true, within: broker.confirmDelay)
        }
        if address.exchange.isEmpty, let listener = broker.replyChannel(address.routingKey) {
            listener.deliverReply(queued)
        } else {
            guard let queues = broker.route(message, to: address) else { return close(404, "no such exchange") }
            broker.scheduler.note("publish \(queued.id ?? -1) to \(queues.map(\.name))")
            queued.id.map { broker.observer.routed($0, address, queues.map(\.name)) }
            if queues.isEmpty, isMandatory { sendReturn(queued) }
            for queue in queues { queue.enqueue(queued) }
        }
        if isConfirming { confirms.add(publication, refused: false, within: broker.confirmDelay) }
    }

    private func deliverReply(_ reply: QueuedMessage) {
        guard let tag = consumerTags.first else { return }
        lastTag += 1
        sendDelivery(reply, consumerTag: tag)
    }

    // MARK: Frames

    private func send(_ classID: UInt16, _ methodID: UInt16, _ arguments: [UInt8] = []) {
        session.send(Octets.method(number, classID, methodID, arguments))
    }

    private func sendConfirm(_ sequence: UInt64, multiple: Bool, refused: Bool) {
        send(60, refused ? 120 : 80, Octets.number(sequence) + [multiple ? 1 : 0])
    }

    private func sendDelivery(_ message: QueuedMessage, consumerTag: String) {
        let method =
            Octets.short(consumerTag) + Octets.number(lastTag) + [message.isRedelivered ? 1 : 0]
            + Octets.short(message.address.exchange) + Octets.short(message.address.routingKey)
        sendContent(60, method, message.message)
    }

    private func sendReturn(_ message: QueuedMessage) {
        let method =
            Octets.number(312 as UInt16) + Octets.short("NO_ROUTE") + Octets.short(message.address.exchange)
            + Octets.short(message.address.routingKey)
        sendContent(50, method, message.message)
    }

    private func sendContent(_ methodID: UInt16, _ arguments: [UInt8], _ message: AMQPMessage) {
        guard let content = broker.codec.content(message, channel: number) else {
            return session.mistake("a message that cannot be sent on")
        }
        session.send(Octets.method(number, 60, methodID, arguments) + content)
    }
}
