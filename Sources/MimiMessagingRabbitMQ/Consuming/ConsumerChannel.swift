import Logging
import MimiMessaging
import RabbitMQClient

/// A channel with one consumer, under supervision: when it is established, everything that the subscription needs is
/// declared and messages come.
final class ConsumerChannel: SupervisedResource {
    let channel: AMQPChannel
    private let consumerTag: String
    private let liveness: Liveness

    /// Whether deliveries of this channel can still be settled, and the way to end it from outside.
    final class Liveness: Sendable {
        private let isLive = Lock(true)
        fileprivate let failures: AsyncStream<AMQPError>
        private let continuation: AsyncStream<AMQPError>.Continuation

        init() { (failures, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

        var isCurrent: Bool { isLive.withLock { $0 } }

        /// The channel is of no use any more: it is closed, and all is declared and subscribed anew.
        func fail(_ reason: AMQPError) { continuation.yield(reason) }

        fileprivate func end() { isLive.withLock { $0 = false } }
    }

    /// Declares and subscribes on the connection of a link, as soon as that has one.
    static func open(
        _ context: ConsumerContext, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> ConsumerChannel {
        let connection = try await context.link.lease().resource.client
        let channel = try await connection.openChannel()
        do {
            let queue = try await declare(context, on: connection, channel)
            try await channel.setPrefetch(UInt16(clamping: context.prefetch))
            let liveness = Liveness()
            let tag = try await channel.consume(
                queue, tag: "processor", arguments: context.consumerArguments,
                onDelivery: { delivery in
                    receiver(RabbitMQDelivery(delivery, on: channel, liveness: liveness, context: context))
                },
                onCancel: {
                    liveness.fail(AMQPError(.channelClosed, "the broker cancelled the consumer of '\(queue)'"))
                })
            return ConsumerChannel(channel: channel, consumerTag: tag, liveness: liveness)
        } catch {
            await channel.close()
            throw error
        }
    }

    private init(channel: AMQPChannel, consumerTag: String, liveness: Liveness) {
        self.channel = channel
        self.consumerTag = consumerTag
        self.liveness = liveness
    }

    /// No more deliveries come when it returns; those that came can still be settled.
    func stopConsuming() async { try? await channel.cancel(consumerTag: consumerTag) }

    func ended() async -> AMQPError {
        let reason = await channel.ended(orBy: liveness.failures)
        if !Task.isCancelled { liveness.end() }
        return reason
    }

    func close() async {
        liveness.end()
        await channel.close()
    }

    private static func declare(
        _ context: ConsumerContext, on connection: AMQPConnection, _ channel: AMQPChannel
    ) async throws -> String {
        switch context.subscription.source {
        case .requests(let queue):
            try await TopologyDeclarer.declare(on: connection) {
                try await $0.queue(context.topology(of: queue), topic: nil)
            }
            return queue
        case .events(let topic, let queue?):
            try await TopologyDeclarer.declare(on: connection) {
                try await $0.queue(context.topology(of: queue), topic: topic)
            }
            return queue
        case .events(let topic, nil):
            try await TopologyDeclarer.declare(on: connection) { try await $0.topic(topic) }
            // Exclusive: it belongs to this connection and goes with it.
            let queue = try await channel.declareQueue(
                "", durable: false, exclusive: true, autoDelete: true, arguments: QueueTopology.temporaryArguments
            ).name
            try await channel.bindQueue(queue, exchange: topic, routingKey: "")
            return queue
        }
    }
}
