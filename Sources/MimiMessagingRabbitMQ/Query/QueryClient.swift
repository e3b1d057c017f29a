import Logging
import MimiMessaging
import RabbitMQClient

/// Sends queries and matches their replies. A query whose channel is lost is asked again, with the same message id, when
/// there is a new one within its deadline.
struct QueryClient: Sendable {
    private let channels: Supervisor<QueryChannel>
    private let clock: MessagingClock
    private let random: RandomSource

    init(
        link: Supervisor<BrokerConnection>, configuration: RabbitMQConfiguration, decoder: MessageDecoder,
        random: RandomSource, logger: Logger
    ) {
        clock = decoder.clock
        self.random = random
        channels = Supervisor("the query channel", clock: clock, random: random, logger: logger) {
            try await QueryChannel.open(
                on: link, configuration: configuration, decoder: decoder, random: random, logger: logger)
        }
    }

    /// Asks, and waits for the reply.
    func query(
        _ message: OutgoingMessage, queue: String, before deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        var broken: Supervisor<QueryChannel>.Lease?
        var mayHaveArrived = false
        do {
            while true {
                let lease = try await channels.lease(after: broken, before: deadline)
                do {
                    return try await ask(message, queue: queue, on: lease.resource, before: deadline)
                } catch is PendingReplies.Lost where clock.now < deadline {
                    broken = lease
                    mayHaveArrived = true
                } catch let error as AMQPError where error.isLinkLoss && clock.now < deadline {
                    broken = lease
                    mayHaveArrived = mayHaveArrived || error.mayHaveReachedBroker
                }
            }
        } catch is PendingReplies.Expired {
            throw MessagingError(.timeout, "no reply before the deadline")
        } catch let error where !(error is CancellationError) {
            throw MessagingError(adapterError: error).ofAttempts(thatMayHaveArrived: mayHaveArrived)
        }
    }

    /// Ends the channel. What waits fails.
    func stop() async { await channels.stop() }

    private func ask(
        _ message: OutgoingMessage, queue: String, on channel: QueryChannel, before deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        let correlationID = RandomID.make(using: random)
        let left = clock.now.duration(to: deadline).wholeMilliseconds
        guard left > 0 else { throw PendingReplies.Expired() }
        let request = MessageEncoder.query(
            message, .init(address: channel.replyAddress, correlationID: correlationID, milliseconds: left))
        return try await channel.pending.reply(to: correlationID, before: deadline) {
            try await channel.channel.publish(
                request, exchange: "", routingKey: queue, mandatory: true,
                timeout: clock.now.duration(to: deadline))
        }
    }
}
