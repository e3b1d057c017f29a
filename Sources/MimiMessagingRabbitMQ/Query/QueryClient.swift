import Logging
import MimiMessaging
import RabbitMQClient

/// Sends queries and matches their replies. A query whose channel is lost is asked again, with the same message id, when
/// there is a new one within its deadline.
struct QueryClient: Sendable {
    private let lane: ChannelLane<QueryChannel>
    private let clock: MessagingClock
    private let random: RandomSource
    private let observer: any AdapterObserver

    init(
        link: Supervisor<BrokerConnection>, configuration: RabbitMQConfiguration, decoder: MessageDecoder,
        random: RandomSource, logger: Logger, observer: any AdapterObserver
    ) {
        clock = decoder.clock
        self.random = random
        self.observer = observer
        lane = ChannelLane("the query channel", clock: clock, random: random, logger: logger, observer: observer) {
            try await QueryChannel.open(
                on: link, configuration: configuration, decoder: decoder, random: random, logger: logger,
                observer: observer)
        }
    }

    /// Asks, and waits for the reply.
    func query(
        _ message: OutgoingMessage, queue: String, before deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        try await lane.send(before: deadline) { channel, taken in
            let correlationID = RandomID.make(using: random)
            let left = clock.now.duration(to: deadline).wholeMilliseconds
            guard left > 0 else { throw PendingReplies.expired }
            let request = MessageEncoder.query(
                message, .init(address: channel.replyAddress, correlationID: correlationID, milliseconds: left))
            return try await channel.pending.reply(to: correlationID, before: deadline) {
                [clock, observer] completion in
                let start = clock.now
                let publish = channel.channel.publish(
                    request, exchange: "", routingKey: queue, mandatory: true,
                    timeout: start.duration(to: deadline)
                ) { result in
                    if case .success = result {
                        observer.confirmed(after: start.duration(to: clock.now))
                        taken()
                    }
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
