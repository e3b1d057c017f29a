import Logging
import MimiMessaging
import RabbitMQClient

/// Sends queries and matches their replies. A query whose channel is lost is asked again, with the same message id, when
/// there is a new one within its deadline.
struct QueryClient: Sendable {
    private let lane: ChannelLane<QueryChannel>
    private let clock: MessagingClock

    init(
        link: Supervisor<BrokerConnection>, configuration: RabbitMQConfiguration, decoder: MessageDecoder,
        logger: Logger
    ) {
        clock = decoder.clock
        lane = ChannelLane("the query channel", clock: clock, logger: logger) {
            try await QueryChannel.open(on: link, configuration: configuration, decoder: decoder, logger: logger)
        }
    }

    /// Asks, and waits for the reply.
    func query(
        _ message: OutgoingMessage, queue: String, before deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        try await lane.send(before: deadline) { channel, taken in
            let correlationID = RandomID.make()
            let left = clock.now.duration(to: deadline).wholeMilliseconds
            guard left > 0 else { throw PendingReplies.expired }
            let request = MessageEncoder.query(
                message, .init(address: channel.replyAddress, correlationID: correlationID, milliseconds: left))
            return try await channel.pending.reply(to: correlationID, before: deadline) { completion in
                let publish = channel.channel.publish(
                    request, exchange: "", routingKey: queue, mandatory: true, deadline: clock.continuous(deadline)
                ) { result in
                    if case .success = result { taken() }
                    completion(result)
                }
                return publish.cancel
            }
        }
    }

    /// Ends the channels. What waits fails once their connection is closed.
    func retire() { lane.retire() }

    /// Returns when nothing is left of them.
    func finish() async { await lane.finish() }
}
