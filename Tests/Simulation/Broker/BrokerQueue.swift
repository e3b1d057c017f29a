import RabbitMQClient

/// A queue of the simulated broker.
final class BrokerQueue {
    /// Who gets messages.
    struct Consumer {
        unowned let channel: BrokerChannel
        let tag: String
        let noAck: Bool
        let prefetch: Int
    }

    let declaration: QueueDeclaration
    let arguments: AMQPFieldTable
    /// The connection that it belongs to, if it is exclusive.
    weak var owner: BrokerSession?
    private(set) var ready: [QueuedMessage] = []
    private(set) var consumers: [Consumer] = []
    private let scheduler: Scheduler
    private unowned let broker: Broker
    private var nextPosition: UInt64 = 0
    private var turn = 0
    private var isPumping = false
    private var lastUse = Duration.zero

    init(_ declaration: QueueDeclaration, arguments: AMQPFieldTable, broker: Broker, scheduler: Scheduler) {
        self.declaration = declaration
        self.arguments = arguments
        self.broker = broker
        self.scheduler = scheduler
        noteUse()
    }

    var name: String { declaration.name }
    var isQuorum: Bool { arguments["x-queue-type"] == "quorum" }

    func enqueue(_ message: QueuedMessage) {
        guard arguments["x-max-length"] != 0 else { return }
        var message = message
        nextPosition += 1
        message.position = nextPosition
        let patience = [integer("x-message-ttl"), message.message.properties.expiration.flatMap(Int64.init)]
        if let milliseconds = patience.compactMap({ $0 }).min() {
            let expiry = scheduler.now + .milliseconds(milliseconds)
            message.expiry = expiry
            scheduler.at(expiry) { [weak self] in self?.expire() }
        }
        ready.append(message)
        pump()
    }

    /// Takes a message back that was delivered, or dead-letters it when that happened too often.
    func takeBack(_ message: QueuedMessage) {
        var message = message
        message.isRedelivered = true
        message.returns += 1
        if isQuorum, let limit = integer("x-delivery-limit"), message.returns > limit {
            return broker.deadLetter(message, from: self, reason: "delivery_limit")
        }
        let index = ready.firstIndex { $0.position > message.position } ?? ready.endIndex
        ready.insert(message, at: index)
        expire()
        pump()
    }

    func add(_ consumer: Consumer) {
        noteUse()
        consumers.append(consumer)
        pump()
    }

    /// Removes consumers of a channel: one by its tag, or all.
    func removeConsumers(of channel: BrokerChannel, tag: String? = nil) {
        let count = consumers.count
        consumers.removeAll { $0.channel === channel && (tag == nil || $0.tag == tag) }
        guard consumers.isEmpty, count > 0 else { return }
        if declaration.isAutoDelete { broker.delete(self) } else { noteUse() }
    }

    /// A queue without consumers that is not used for a while may go.
    func noteUse() {
        guard let milliseconds = integer("x-expires") else { return }
        lastUse = scheduler.now
        scheduler.after(.milliseconds(milliseconds)) { [weak self, lastUse] in
            guard let self, consumers.isEmpty, self.lastUse == lastUse else { return }
            broker.delete(self)
        }
    }

    /// Ends: it was deleted, and nobody gets anything from it any more.
    func clear() {
        ready = []
        consumers = []
    }

    /// Throws away what a crash takes with it.
    func crash() {
        ready.removeAll { message in
            let isSafe = message.publication.isConfirmed && (isQuorum || message.message.properties.deliveryMode == 2)
            return !isSafe && (message.publication.isConfirmed || scheduler.random.once(in: 2))
        }
    }

    /// Delivers what can be delivered, a little later.
    func pump() {
        guard !isPumping, !ready.isEmpty, !consumers.isEmpty else { return }
        isPumping = true
        scheduler.soon { [weak self] in
            self?.isPumping = false
            self?.deliver()
        }
    }

    private func deliver() {
        expire()
        while !ready.isEmpty, let consumer = nextConsumer() {
            consumer.channel.deliver(ready.removeFirst(), from: self, to: consumer)
        }
    }

    private func nextConsumer() -> Consumer? {
        for offset in consumers.indices {
            let index = (turn + offset) % consumers.count
            let consumer = consumers[index]
            guard consumer.noAck || consumer.prefetch == 0 || consumer.channel.unacked.count < consumer.prefetch else {
                continue
            }
            turn = index + 1
            return consumer
        }
        return nil
    }

    private func expire() {
        while let first = ready.first, let expiry = first.expiry, expiry <= scheduler.now {
            broker.deadLetter(ready.removeFirst(), from: self, reason: "expired")
        }
    }

    private func integer(_ name: String) -> Int64? {
        if case .int64(let value) = arguments[name] { value } else { nil }
    }
}
