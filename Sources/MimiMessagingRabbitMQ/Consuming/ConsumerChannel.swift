import Logging
import MimiMessaging
import RabbitMQClient

/// A channel with one consumer, under supervision: when it is established, everything that the subscription needs is
/// declared and messages come.
final class ConsumerChannel: SupervisedResource {
    static let standsOnLink = true

    let channel: AMQPChannel
    private let consumerTag: String
    private let liveness: ConsumerLiveness
    private let watch: ConsumerWatch
    private let logger: Logger

    /// Declares and subscribes on the connection of a link, as soon as that has one.
    static func open(
        _ context: ConsumerContext, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> ConsumerChannel {
        let connection = try await context.link.lease().resource.client
        let channel = try await connection.openChannel()
        do {
            let queue = try await queue(of: context, on: channel)
            let declare: @Sendable () async throws -> Void = {
                try await declareAll(context, queue: queue, on: connection, channel)
            }
            try await declare()
            try await channel.setPrefetch(UInt16(clamping: context.prefetch))
            // Nobody wants it any more: it would only take messages and give them back.
            try Task.checkCancellation()
            let liveness = ConsumerLiveness()
            let tag = try await channel.consume(
                queue, tag: "processor", arguments: context.consumerArguments,
                onDelivery: { delivery in
                    liveness.delivered()
                    receiver(RabbitMQDelivery(delivery, on: channel, liveness: liveness, context: context))
                },
                onCancel: {
                    liveness.cancellation.note(
                        AMQPError(.channelClosed, "the broker cancelled the consumer of '\(queue)'"))
                })
            return ConsumerChannel(
                channel: channel, consumerTag: tag, liveness: liveness,
                watch: context.watch(over: queue, declare: declare), logger: context.logger)
        } catch {
            await channel.close()
            throw error
        }
    }

    private init(
        channel: AMQPChannel, consumerTag: String, liveness: ConsumerLiveness, watch: ConsumerWatch, logger: Logger
    ) {
        self.channel = channel
        self.consumerTag = consumerTag
        self.liveness = liveness
        self.watch = watch
        self.logger = logger
    }

    /// No more deliveries come when it returns; those that came can still be settled.
    func stopConsuming() async { try? await channel.cancel(consumerTag: consumerTag) }

    func ended() async -> AMQPError {
        let reason = await channel.ended(or: liveness.cancellation) { [watch, channel, liveness] in
            await watch.run(on: channel, liveness)
        }
        if !Task.isCancelled { liveness.end() }
        if reason.isAcknowledgementTimeout {
            logger.error(
                """
                a handler of '\(watch.queue)' took longer than the broker waits for an acknowledgement; its message, and \
                whatever else was delivered over the same channel, is delivered again, and handled twice. Make the handler \
                quicker, or raise the broker's consumer_timeout, or the queue's x-consumer-timeout
                """)
        }
        return reason
    }

    func close() async {
        liveness.end()
        await channel.close()
    }

    /// The name of the queue to consume from. One without a name is declared here: it is exclusive, so it belongs to this
    /// connection and goes with it.
    private static func queue(of context: ConsumerContext, on channel: AMQPChannel) async throws -> String {
        if let queue = context.subscription.durableQueue { return queue }
        return try await channel.declareQueue(
            "", durable: false, exclusive: true, autoDelete: true, arguments: QueueTopology.temporaryArguments
        ).name
    }

    private static func declareAll(
        _ context: ConsumerContext, queue: String, on connection: AMQPConnection, _ channel: AMQPChannel
    ) async throws {
        switch context.subscription.source {
        case .requests, .events(_, _?):
            let topic: String? = if case .events(let topic, _) = context.subscription.source { topic } else { nil }
            let needed = try context.topology(of: queue).declarations(topic: topic)
            try await TopologyDeclarer.declare(on: connection) { try await $0.declare(needed) }
        case .events(let topic, nil):
            try await TopologyDeclarer.declare(on: connection) { try await $0.declare(.topic(topic)) }
            try await channel.bindQueue(queue, exchange: topic, routingKey: "")
        }
    }
}
