import MimiMessaging
import RabbitMQClient

/// Declares queues, exchanges and bindings on a connection. What is there already, and is as wanted, stays.
///
/// It works on a channel of its own, and takes a new one after a declaration that the broker refuses, since that costs the
/// channel. A user without the permission to configure is content with what an operator has declared.
struct TopologyDeclarer {
    private let connection: AMQPConnection
    private var channel: AMQPChannel?

    /// Runs declarations on a connection.
    static func declare(
        on connection: AMQPConnection, _ declarations: (inout TopologyDeclarer) async throws -> Void
    ) async throws {
        var declarer = TopologyDeclarer(connection: connection, channel: nil)
        do {
            try await declarations(&declarer)
        } catch {
            await declarer.channel?.close()
            throw error
        }
        await declarer.channel?.close()
    }

    /// A topic: a durable fanout exchange.
    mutating func topic(_ name: String) async throws {
        try await declare(
            { try await $0.declareExchange(name, type: "fanout") },
            orExpect: { try await $0.declareExchange(name, type: "fanout", passive: true) })
    }

    /// A queue with its dead letters and its retry ladder, bound to its topic if it has one.
    mutating func queue(_ topology: QueueTopology, topic: String?) async throws {
        try topology.checkNames()
        try await durableQueue(topology.deadLetterQueue, topology.deadLetterArguments)
        try await durableQueue(QueueTopology.expiredQueue, ["x-max-length": 0])
        try await declare(
            { try await $0.declareExchange(topology.deadLetterExchange, type: "headers") },
            orExpect: { try await $0.declareExchange(topology.deadLetterExchange, type: "headers", passive: true) })
        for milliseconds in topology.retryDelays {
            try await durableQueue(topology.retryQueue(milliseconds), topology.retryArguments(milliseconds))
        }
        for binding in topology.deadLetterBindings {
            try await bind(topology.deadLetterQueue, to: topology.deadLetterExchange, binding)
        }
        try await bind(QueueTopology.expiredQueue, to: topology.deadLetterExchange, topology.expiredBinding)
        try await durableQueue(topology.queue, topology.arguments)
        if let topic {
            try await self.topic(topic)
            try await bind(topology.queue, to: topic, [:])
        }
    }

    private mutating func durableQueue(_ name: String, _ arguments: AMQPFieldTable) async throws {
        try await declare(
            { _ = try await $0.declareQueue(name, arguments: arguments) },
            orExpect: { _ = try await $0.declareQueue(name, passive: true) })
    }

    private mutating func bind(_ queue: String, to exchange: String, _ arguments: AMQPFieldTable) async throws {
        try await declare(
            { try await $0.bindQueue(queue, exchange: exchange, routingKey: "", arguments: arguments) },
            orExpect: { _ in })
    }

    private mutating func declare(
        _ declaration: (AMQPChannel) async throws -> Void, orExpect expectation: (AMQPChannel) async throws -> Void
    ) async throws {
        do {
            try await onChannel(declaration)
        } catch let error as AMQPError where error.replyCode == 403 {
            do {
                try await onChannel(expectation)
            } catch let missing as AMQPError where missing.replyCode == 404 {
                throw error
            }
        }
    }

    private mutating func onChannel(_ operation: (AMQPChannel) async throws -> Void) async throws {
        let channel: AMQPChannel
        if let known = self.channel { channel = known } else { channel = try await connection.openChannel() }
        self.channel = nil
        do {
            try await operation(channel)
            self.channel = channel
        } catch {
            await channel.close()
            throw error
        }
    }
}
