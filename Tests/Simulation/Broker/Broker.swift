import RabbitMQClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An AMQP broker in memory: what RabbitMQ does with exchanges, queues and messages, as far as this client asks for it.
final class Broker {
    /// What the ledger wants to know.
    struct Observer {
        /// A message is gone, and nobody but a fault is to blame.
        var lost: (_ id: Int, _ queue: String) -> Void = { _, _ in }
        /// A message went to these queues.
        var routed: (_ id: Int, _ address: Address, _ queues: [String]) -> Void = { _, _, _ in }
        /// A message was delivered from a queue.
        var delivered: (_ id: Int, _ queue: String) -> Void = { _, _ in }
        /// A mistake of the client.
        var mistake: (String) -> Void = { _ in }
    }

    let scheduler: Scheduler
    var observer = Observer()
    var codec = ContentCodec()
    var sendHistory = SendHistory()
    private(set) var isUp = true
    /// Whether it takes no messages (`connection.blocked`).
    private(set) var isBlocked = false
    /// So many of the next publishes are refused (`basic.nack`).
    var refusals = 0
    /// How long confirms take, in milliseconds.
    var confirmDelay = 0...5
    private(set) var sessions: [BrokerSession] = []
    private(set) var queues: [String: BrokerQueue] = [:]
    private var exchanges: [String: Exchange] = [:]
    private var replyChannels: [String: BrokerChannel] = [:]
    private var names = 0

    init(scheduler: Scheduler) { self.scheduler = scheduler }

    // MARK: Connections

    func accept(_ link: Link, heartbeat: Duration) {
        let session = BrokerSession(link, heartbeat: heartbeat, broker: self)
        sessions.append(session)
        session.start()
    }

    func forget(_ session: BrokerSession) {
        sessions.removeAll { $0 === session }
        for queue in sortedQueues where queue.owner === session { delete(queue) }
    }

    /// Dies at once, with all that is not safe.
    func kill() {
        guard isUp else { return }
        scheduler.note("the broker dies")
        isUp = false
        isBlocked = false
        for session in sessions { session.link.cut(.both) }
        for queue in sortedQueues {
            queue.crash()
            if !queue.declaration.isDurable { delete(queue) }
        }
    }

    func start() {
        guard !isUp else { return }
        scheduler.note("the broker is back")
        isUp = true
    }

    func setBlocked(_ isBlocked: Bool) {
        guard isUp, isBlocked != self.isBlocked else { return }
        self.isBlocked = isBlocked
        for session in sessions where session.hasPublished { session.setBlocked(isBlocked) }
    }

    // MARK: Topology

    func hasExchange(_ name: String) -> Bool { name.isEmpty || exchanges[name] != nil }

    /// - Returns: Whether there is one of that type.
    func declareExchange(_ name: String, type: String) -> Bool {
        let exchange = exchanges[name] ?? Exchange(type: type)
        exchanges[name] = exchange
        return exchange.type == type
    }

    func bind(_ queue: String, to exchange: String, _ arguments: [UInt8]) {
        exchanges[exchange]?.bind(
            Exchange.Binding(queue: queue, encoded: arguments, arguments: codec.table(arguments)))
    }

    func declareQueue(_ declaration: QueueDeclaration, owner: BrokerSession) -> BrokerQueue {
        var declaration = declaration
        if declaration.name.isEmpty {
            names += 1
            declaration.name = "amq.gen-\(names + 1000)"
        }
        let queue = BrokerQueue(
            declaration, arguments: codec.table(declaration.arguments), broker: self, scheduler: scheduler)
        if declaration.isExclusive { queue.owner = owner }
        queues[declaration.name] = queue
        return queue
    }

    /// Deletes a queue with its messages.
    func delete(_ queue: BrokerQueue) {
        guard queues.removeValue(forKey: queue.name) != nil else { return }
        scheduler.note("the queue \(queue.name) is deleted")
        for name in exchanges.keys.sorted() { exchanges[name]?.unbind(queue: queue.name) }
        for message in queue.ready { message.id.map { observer.lost($0, queue.name) } }
        for session in sessions { session.queueDeleted(queue) }
        queue.clear()
    }

    var sortedQueues: [BrokerQueue] { queues.values.sorted { $0.name < $1.name } }

    // MARK: Messages

    /// The queues that a message goes to; nil when the exchange does not exist.
    func route(_ message: AMQPMessage, to address: Address) -> [BrokerQueue]? {
        guard !address.exchange.isEmpty else { return queues[address.routingKey].map { [$0] } ?? [] }
        return exchanges[address.exchange]?.route(message).compactMap { queues[$0] }
    }

    func deadLetter(_ message: QueuedMessage, from queue: BrokerQueue, reason: String) {
        guard case .string(let exchange)? = queue.arguments["x-dead-letter-exchange"] else { return }
        var routingKey = message.address.routingKey
        if case .string(let key)? = queue.arguments["x-dead-letter-routing-key"] { routingKey = key }
        let address = Address(exchange: exchange, routingKey: routingKey)
        let dead = message.deadLettered(from: queue.name, reason: reason)
        let targets = route(dead, to: address) ?? []
        scheduler.note("\(reason): \(message.id ?? -1) from \(queue.name) to \(targets.map(\.name))")
        // What killed its processes too often, and what has no place to go, is no fault of the client.
        if targets.isEmpty || reason == "delivery_limit" { message.id.map { observer.lost($0, queue.name) } }
        for target in targets {
            target.enqueue(
                QueuedMessage(message: dead, address: address, publication: Publication(isConfirmed: true)))
        }
    }

    // MARK: Direct reply-to

    func makeReplyAddress(for channel: BrokerChannel) -> String {
        names += 1
        let node: [UInt8] = Array("sim".utf8)
        let pid: [UInt8] = [131, 88, 119, UInt8(node.count)] + node + Octets.number(UInt64(names)) + [0, 0, 0, 1]
        let key = Octets.number(UInt64(names) &* 0x9E37_79B9_7F4A_7C15)
        let address = "amq.rabbitmq.reply-to.\(Data(pid).base64EncodedString()).\(Data(key).base64EncodedString())"
        replyChannels[address] = channel
        return address
    }

    func removeReplyAddress(_ address: String) { replyChannels[address] = nil }

    /// The channel that listens to a reply address.
    func replyChannel(_ address: String) -> BrokerChannel? { replyChannels[address] }
}
