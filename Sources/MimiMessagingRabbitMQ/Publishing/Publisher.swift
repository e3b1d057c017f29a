import Logging
import MimiMessaging
import RabbitMQClient

/// Sends messages and waits until the broker confirms them. What is unconfirmed when the link breaks is sent again, with
/// the same message id, when the link is back within the deadline.
struct Publisher: Sendable {
    private let lane: ChannelLane<PublishChannel>
    private let clock: MessagingClock

    init(link: Supervisor<BrokerConnection>, clock: MessagingClock, logger: Logger) {
        self.clock = clock
        lane = ChannelLane("the publishing channel", clock: clock, logger: logger) {
            try await PublishChannel.open(on: link, clock: clock)
        }
    }

    /// To a queue, which has to exist.
    /// - Throws: `unroutable` in one round trip if it does not.
    func publish(_ message: AMQPMessage, toQueue queue: String, before deadline: MessagingClock.Instant) async throws {
        try await lane.send(before: deadline) { channel, _ in
            try await channel.channel.publish(
                message, exchange: "", routingKey: queue, mandatory: true, deadline: clock.continuous(deadline))
        }
    }

    /// To whoever waits for a reply; that nobody does any more is no error.
    func publish(_ message: AMQPMessage, toReplyAddress address: String, before deadline: MessagingClock.Instant)
        async throws
    {
        try await lane.send(before: deadline) { channel, _ in
            try await channel.channel.publish(
                message, exchange: "", routingKey: address, mandatory: false, deadline: clock.continuous(deadline))
        }
    }

    /// To every queue that is bound to a topic.
    func publish(_ message: AMQPMessage, toTopic topic: String, before deadline: MessagingClock.Instant) async throws {
        try await lane.send(before: deadline) { channel, _ in
            try await channel.topics.ensure(topic, before: deadline)
            try await channel.channel.publish(
                message, exchange: topic, routingKey: "", mandatory: false, deadline: clock.continuous(deadline))
        }
    }

    /// Many to a queue, with one wait for all.
    /// - Returns: Why some failed, by their position.
    func publish(
        batch messages: [AMQPMessage], toQueue queue: String, before deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await lane.send(batch: messages, before: deadline) { channel, messages in
            await channel.channel.publish(
                batch: messages, exchange: "", routingKey: queue, mandatory: true, deadline: clock.continuous(deadline))
        }
    }

    /// Many to a topic, with one wait for all.
    /// - Returns: Why some failed, by their position.
    func publish(
        batch messages: [AMQPMessage], toTopic topic: String, before deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await lane.send(batch: messages, before: deadline) { channel, messages in
            try await channel.topics.ensure(topic, before: deadline)
            return await channel.channel.publish(
                batch: messages, exchange: topic, routingKey: "", deadline: clock.continuous(deadline))
        }
    }

    /// Ends the channels. What waits fails once their connection is closed.
    func retire() { lane.retire() }

    /// Returns when nothing is left of them.
    func finish() async { await lane.finish() }
}

extension MessagingClock {
    /// A deadline of the bus in the time of the client.
    func continuous(_ deadline: Instant) -> ContinuousClock.Instant { .now.advanced(by: now.duration(to: deadline)) }
}
