package import Logging
package import MimiMessaging
import RabbitMQClient

/// What an operator asks of a broker, in the terms of this layer. It has one connection, and no part in any service.
///
/// Names are those of the bus: the namespace of the options is put before them. Everything here throws
/// ``MessagingError`` as the adapter does, or `CancellationError`.
package final class BrokerAdministration: Sendable {
    let connection: AMQPConnection
    let configuration: RabbitMQConfiguration
    let credentials: AMQPCredentials
    private let namespace: String
    private let blockedBecause = Lock<String?>(nil)

    /// Connects once.
    /// - Parameters:
    ///   - options: The options of a service that uses the broker.
    ///   - logger: Where the client logs.
    package static func connect(
        options: MessagingOptions, logger: Logger
    ) async throws -> BrokerAdministration {
        let options = try options.resolved(for: RabbitMQAdapter.self)
        let configuration = try RabbitMQConfiguration(options: options, maximumBodySize: 1 << 30)
        let credentials = try await configuration.credentials.current(
            within: configuration.connectTimeout, clock: .continuous)
        do {
            let connection = try await AMQPConnection.open(
                configuration.connection(role: "administration", credentials: credentials, random: .system),
                logger: logger)
            return BrokerAdministration(
                connection, configuration, credentials, namespace: try options.string("mq_namespace") ?? "")
        } catch let error as AMQPError {
            try Task.checkCancellation()
            throw MessagingError(error)
        }
    }

    private init(
        _ connection: AMQPConnection, _ configuration: RabbitMQConfiguration, _ credentials: AMQPCredentials,
        namespace: String
    ) {
        self.connection = connection
        self.configuration = configuration
        self.credentials = credentials
        self.namespace = namespace
        Task { [events = connection.events, blockedBecause] in
            for await event in events {
                switch event {
                case .blocked(let reason): blockedBecause.withLock { $0 = reason.escapedForLog }
                case .unblocked: blockedBecause.withLock { $0 = nil }
                case .closed: return
                }
            }
        }
    }

    /// Closes the connection.
    package func close() async { await connection.close() }

    /// Why the broker takes no messages at the moment; nil if it does, as far as it has said. It says so after a
    /// message was sent.
    package var blockedReason: String? { blockedBecause.withLock { $0 } }

    /// The name on the broker of a queue or topic of the bus.
    /// - Throws: ``MessagingError/Code/invalidTarget``.
    package func brokerName(of name: String) throws(MessagingError) -> String {
        try TargetGrammar.checkName(name)
        return try TargetGrammar.qualify(name, namespace: namespace)
    }

    /// What is in a queue now; nil if there is no such queue.
    package func status(of queue: String) async throws -> QueueStatus? {
        try await status(onBroker: brokerName(of: queue))
    }

    /// What is among the dead letters of a queue now; nil if it has no queue for them.
    package func deadLetterStatus(of queue: String) async throws -> QueueStatus? {
        try await status(onBroker: topology(of: queue).deadLetterQueue)
    }

    /// Whether the exchange is there over which a queue's messages reach its dead letters.
    package func hasDeadLetterExchange(of queue: String) async throws -> Bool {
        let name = try topology(of: queue).deadLetterExchange
        do {
            try await onChannel { try await $0.declareExchange(name, type: "headers", passive: true) }
            return true
        } catch let error as AMQPError where error.replyCode == 404 {
            return false
        } catch {
            throw Self.outward(error)
        }
    }

    /// What is in a queue now, by its name on the broker; nil if there is no such queue.
    package func status(onBroker name: String) async throws -> QueueStatus? {
        do {
            let status = try await onChannel { try await $0.declareQueue(name, passive: true) }
            return QueueStatus(messages: Int(status.messageCount), consumers: Int(status.consumerCount))
        } catch let error as AMQPError where error.replyCode == 404 {
            return nil
        } catch {
            throw Self.outward(error)
        }
    }

    /// Removes a queue with its messages, its dead letters and its retry ladder.
    /// - Parameter retryDelays: The delays of the ladder.
    package func remove(queue: String, retryDelays: [Duration] = []) async throws {
        let topology = try topology(of: queue, retryDelays: retryDelays)
        do {
            try await onChannel { channel in
                let ladder = topology.retryDelays.map(topology.retryQueue)
                for name in [topology.queue, topology.deadLetterQueue] + ladder { try await channel.deleteQueue(name) }
                try await channel.deleteExchange(topology.deadLetterExchange)
            }
        } catch {
            throw Self.outward(error)
        }
    }

    /// Removes a topic.
    package func remove(topic: String) async throws {
        let name = try brokerName(of: topic)
        do {
            try await onChannel { try await $0.deleteExchange(name) }
        } catch {
            throw Self.outward(error)
        }
    }

    func topology(of queue: String, retryDelays: [Duration] = []) throws(MessagingError) -> QueueTopology {
        let name = try brokerName(of: queue)
        return QueueTopology(
            queue: name, configuration: configuration,
            subscription: Subscription(source: .requests(queue: name), concurrency: 1, retryDelays: retryDelays))
    }

    /// Runs an operation on a channel of its own. What the operation has not settled goes back when it ends.
    func onChannel<Result>(_ operation: (AMQPChannel) async throws -> Result) async throws -> Result {
        let channel = try await connection.openChannel()
        do {
            let result = try await operation(channel)
            await channel.close()
            return result
        } catch {
            await channel.close()
            throw error
        }
    }

    static func outward(_ error: any Error) -> any Error {
        error is AMQPError ? MessagingError(adapterError: error) : error
    }
}

/// What a queue holds, and who listens to it.
package struct QueueStatus: Hashable, Sendable {
    /// How many messages wait for delivery. Those that a processor holds are not among them.
    package let messages: Int
    /// How many processors listen.
    package let consumers: Int
}
