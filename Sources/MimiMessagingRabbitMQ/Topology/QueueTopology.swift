import MimiMessaging
import RabbitMQClient

/// The names and arguments of what belongs to one queue on the broker.
///
/// A queue that outlives its processors has a queue for its dead letters, and one for each delay of its retry ladder, whose
/// messages go back when their time has come. What the broker itself takes out of the queue (a message that was refused
/// unread, or that killed its processes too often) goes through a headers exchange, which keeps expired queries out of the
/// dead letters.
struct QueueTopology: Sendable {
    let queue: String
    let configuration: RabbitMQConfiguration
    let subscription: Subscription

    /// AMQP's limit for names, in bytes.
    private static let maximumNameLength = 255

    var deadLetterQueue: String { QueueNames.deadLetters(of: queue) }
    /// The headers exchange that the broker dead-letters through.
    var deadLetterExchange: String { QueueNames.deadLetters(of: queue) }
    /// Where expired queries end: a queue that keeps nothing, for all queues of a type. It is of that type as well, so that
    /// it is there wherever they are: no processor can start without it.
    var expiredQueue: String { "mimi.expired.\(configuration.queueType.rawValue)" }

    /// Different delays, in milliseconds; each is a queue.
    var retryDelays: [Int64] {
        Set(subscription.retryDelays.map(\.wholeMilliseconds)).filter { $0 > 0 }.sorted()
    }

    /// The queue in which a message waits; the queue itself for no delay.
    func retryQueue(for delay: Duration) -> String {
        let milliseconds = delay.wholeMilliseconds
        return milliseconds > 0 ? retryQueue(milliseconds) : queue
    }

    func retryQueue(_ milliseconds: Int64) -> String { QueueNames.retry(of: queue, after: milliseconds) }

    /// For a queue that belongs to one connection. It goes with its consumer, and when its channel was lost before there
    /// was one, after 15 s: it would go on collecting messages otherwise.
    static let temporaryArguments: AMQPFieldTable = ["x-expires": 15_000]

    /// - Throws: ``MessagingError/Code/invalidTarget`` if a name is too long for AMQP.
    func checkNames() throws(MessagingError) {
        let longest = ([deadLetterQueue] + retryDelays.map(retryQueue)).map(\.utf8.count).max() ?? 0
        guard longest <= Self.maximumNameLength else {
            throw MessagingError(
                .invalidTarget,
                "the names of its retry and dead-letter queues are longer than \(Self.maximumNameLength) bytes",
                target: queue)
        }
    }

    /// All that the queue needs, in the order in which it can be declared.
    /// - Parameter topic: What it is bound to, if it is a queue for events.
    /// - Throws: ``MessagingError/Code/invalidTarget`` if a name is too long for AMQP.
    func declarations(topic: String?) throws(MessagingError) -> [TopologyDeclaration] {
        try checkNames()
        var declarations: [TopologyDeclaration] = [
            .queue(deadLetterQueue, deadLetterArguments), .queue(expiredQueue, expiredArguments),
            .exchange(deadLetterExchange, type: "headers"),
        ]
        declarations += retryDelays.map { .queue(retryQueue($0), retryArguments($0)) }
        declarations += deadLetterBindings.map {
            .binding(queue: deadLetterQueue, exchange: deadLetterExchange, $0)
        }
        declarations.append(.binding(queue: expiredQueue, exchange: deadLetterExchange, expiredBinding))
        declarations.append(.queue(queue, arguments))
        if let topic { declarations += [.topic(topic), .binding(queue: queue, exchange: topic, [:])] }
        return declarations
    }

    var arguments: AMQPFieldTable {
        var arguments = durable
        arguments["x-dead-letter-exchange"] = .string(deadLetterExchange)
        if configuration.queueType == .quorum {
            arguments["x-delivery-limit"] = .int64(Int64(configuration.deliveryLimit))
        }
        if subscription.isSingleActive { arguments["x-single-active-consumer"] = .bool(true) }
        for (name, value) in subscription.queueArguments.sorted(by: { $0.key < $1.key }) {
            arguments[name] = AMQPFieldValue(value)
        }
        return arguments
    }

    var deadLetterArguments: AMQPFieldTable {
        var arguments: AMQPFieldTable = ["x-queue-type": .string(configuration.queueType.rawValue)]
        // Whoever looks at a dead letter gives it back, and by default RabbitMQ 4 drops what came back 20 times. There -1
        // would be no limit, but RabbitMQ 3.10 accepts that and drops what comes back once.
        if configuration.queueType == .quorum { arguments["x-delivery-limit"] = 1_000_000_000 }
        return arguments
    }

    var expiredArguments: AMQPFieldTable {
        ["x-queue-type": .string(configuration.queueType.rawValue), "x-max-length": 0]
    }

    func retryArguments(_ milliseconds: Int64) -> AMQPFieldTable {
        var arguments = durable
        arguments["x-message-ttl"] = .int64(milliseconds)
        arguments["x-dead-letter-exchange"] = .string("")
        arguments["x-dead-letter-routing-key"] = .string(queue)
        return arguments
    }

    /// Which messages, of those that the broker takes out of the queue, are dead letters.
    var deadLetterBindings: [AMQPFieldTable] {
        let reasons = ["rejected", "delivery_limit", "maxlen"].map { reason -> AMQPFieldTable in
            ["x-match": "any-with-x", "x-first-death-reason": .string(reason)]
        }
        // The broker notes the first death only: for a message that came back from the ladder, that was there.
        return reasons + retryDelays.map { ["x-match": "any-with-x", "x-first-death-queue": .string(retryQueue($0))] }
    }

    /// Which of them are queries that expired.
    var expiredBinding: AMQPFieldTable {
        ["x-match": "all-with-x", "x-first-death-reason": "expired", "x-first-death-queue": .string(queue)]
    }

    /// What the broker itself moves, it moves at least once: this needs the overflow argument, too.
    private var durable: AMQPFieldTable {
        var arguments: AMQPFieldTable = ["x-queue-type": .string(configuration.queueType.rawValue)]
        if configuration.queueType == .quorum {
            arguments["x-dead-letter-strategy"] = "at-least-once"
            arguments["x-overflow"] = "reject-publish"
        }
        return arguments
    }
}

extension AMQPFieldValue {
    /// An argument as the user gave it.
    init(_ value: MessageValue) {
        self =
            switch value {
            case .null: .void
            case .bool(let value): .bool(value)
            case .integer(let value): .int64(Int64(value))
            case .double(let value): .double(value)
            case .string(let value): .string(value)
            case .array(let values): .array(values.map(AMQPFieldValue.init))
            case .object(let members):
                .table(
                    AMQPFieldTable(
                        members.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: AMQPFieldValue($0.value)) })
                )
            }
    }
}
