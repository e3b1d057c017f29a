import Logging
import MimiMessaging
import RabbitMQClient

/// Sends messages and waits until the broker confirms them. What is unconfirmed when the link breaks is sent again, with
/// the same message id, when the link is back within the deadline.
struct Publisher: Sendable {
    private let channels: Supervisor<PublishChannel>
    private let clock: MessagingClock
    private let declarations: Waiters<Void>

    init(link: Supervisor<BrokerConnection>, clock: MessagingClock, random: RandomSource, logger: Logger) {
        self.clock = clock
        declarations = Waiters(clock: clock) {
            MessagingError(.timeout, "the topic was not declared before the deadline")
        }
        channels = Supervisor("the publishing channel", clock: clock, random: random, logger: logger) {
            try await PublishChannel.open(on: link)
        }
    }

    /// To a queue, which has to exist.
    /// - Throws: `unroutable` in one round trip if it does not.
    func publish(_ message: AMQPMessage, toQueue queue: String, before deadline: MessagingClock.Instant) async throws {
        try await publish(before: deadline) { channel in
            try await channel.channel.publish(
                message, exchange: "", routingKey: queue, mandatory: true, timeout: clock.now.duration(to: deadline))
        }
    }

    /// To whoever waits for a reply; that nobody does any more is no error.
    func publish(_ message: AMQPMessage, toReplyAddress address: String, before deadline: MessagingClock.Instant)
        async throws
    {
        try await publish(before: deadline) { channel in
            try await channel.channel.publish(
                message, exchange: "", routingKey: address, mandatory: false, timeout: clock.now.duration(to: deadline))
        }
    }

    /// To every queue that is bound to a topic.
    func publish(_ message: AMQPMessage, toTopic topic: String, before deadline: MessagingClock.Instant) async throws {
        try await publish(before: deadline) { channel in
            try await declarations.run(until: deadline) { try await channel.ensureTopic(topic) }
            try await channel.channel.publish(
                message, exchange: topic, routingKey: "", mandatory: false, timeout: clock.now.duration(to: deadline))
        }
    }

    /// Ends the channel. What waits fails.
    func stop() async { await channels.stop() }

    private func publish(
        before deadline: MessagingClock.Instant, by attempt: (PublishChannel) async throws -> Void
    ) async throws {
        var broken: Supervisor<PublishChannel>.Lease?
        var mayHaveArrived = false
        do {
            while true {
                let lease = try await channels.lease(after: broken, before: deadline)
                do {
                    return try await attempt(lease.resource)
                } catch let error as AMQPError where error.isLinkLoss && clock.now < deadline {
                    broken = lease
                    mayHaveArrived = mayHaveArrived || error.mayHaveReachedBroker
                }
            }
        } catch let error where !(error is CancellationError) {
            throw MessagingError(adapterError: error).ofAttempts(thatMayHaveArrived: mayHaveArrived)
        }
    }
}
