import Logging
import MimiMessaging
import RabbitMQClient

/// A channel on which queries go out and replies come in, under supervision. Replies over direct reply-to come only to
/// the channel that asked, and are lost with it.
final class QueryChannel: SupervisedResource {
    static let standsOnLink = true

    let channel: AMQPChannel
    let replyAddress: String
    let pending: PendingReplies
    private let cancellation: Cancellation

    /// Opens one on the connection of a link, as soon as that has one. When it returns, replies are listened to.
    static func open(
        on link: Supervisor<BrokerConnection>, configuration: RabbitMQConfiguration, decoder: MessageDecoder,
        random: RandomSource, logger: Logger, observer: any AdapterObserver
    ) async throws -> QueryChannel {
        let channel = try await link.lease().resource.client.openChannel()
        try await channel.selectConfirms()
        let pending = PendingReplies(clock: decoder.clock, logger: logger, observer: observer)
        let address =
            configuration.usesDirectReplyTo
            ? "amq.rabbitmq.reply-to"
            : try await channel.declareQueue(
                configuration.replyQueuePrefix + RandomID.make(using: random), durable: false, exclusive: true,
                autoDelete: true, arguments: QueueTopology.temporaryArguments
            ).name
        let cancellation = Cancellation()
        _ = try await channel.consume(
            address, tag: "replies", noAck: true,
            onDelivery: { delivery in pending.received(decoder.reply(delivery)) },
            onCancel: { cancellation.note(AMQPError(.channelClosed, "the broker cancelled the consumer of replies")) })
        return QueryChannel(channel: channel, replyAddress: address, pending: pending, cancellation: cancellation)
    }

    private init(
        channel: AMQPChannel, replyAddress: String, pending: PendingReplies, cancellation: Cancellation
    ) {
        self.channel = channel
        self.replyAddress = replyAddress
        self.pending = pending
        self.cancellation = cancellation
    }

    func ended() async -> AMQPError {
        let reason = await channel.ended(or: cancellation)
        pending.lose()
        return reason
    }

    func close() async {
        pending.lose()
        await channel.close()
    }
}
