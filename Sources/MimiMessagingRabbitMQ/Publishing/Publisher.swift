import Logging
import MimiMessaging
import RabbitMQClient

/// Sends messages and waits until the broker confirms them. What is unconfirmed when the link breaks is sent again, with
/// the same message id, when the link is back within the deadline.
struct Publisher: Sendable {
    private let lane: ChannelLane<PublishChannel>
    private let clock: MessagingClock
    private let observer: any AdapterObserver

    init(
        link: Supervisor<BrokerConnection>, clock: MessagingClock, random: RandomSource, logger: Logger,
        observer: any AdapterObserver
    ) {
        self.clock = clock
        self.observer = observer
        lane = ChannelLane(
            "the publishing channel", clock: clock, random: random, logger: logger, observer: observer
        ) {
            try await PublishChannel.open(on: link, clock: clock)
        }
    }

    /// To a queue, which has to exist.
    /// - Throws: `unroutable` in one round trip if it does not.
    func publish(_ message: AMQPMessage, toQueue queue: String, before deadline: MessagingClock.Instant) async throws {
        try await lane.send(before: deadline) { channel, _ in
            try await timingConfirm { now in
                try await channel.channel.publish(
                    message, exchange: "", routingKey: queue, mandatory: true, timeout: now.duration(to: deadline))
            }
        }
    }

    /// To whoever waits for a reply; that nobody does any more is no error.
    func publish(_ message: AMQPMessage, toReplyAddress address: String, before deadline: MessagingClock.Instant)
        async throws
    {
        try await lane.send(before: deadline) { channel, _ in
            try await timingConfirm { now in
                try await channel.channel.publish(
                    message, exchange: "", routingKey: address, mandatory: false, timeout: now.duration(to: deadline))
            }
        }
    }

    /// To every queue that is bound to a topic.
    func publish(_ message: AMQPMessage, toTopic topic: String, before deadline: MessagingClock.Instant) async throws {
        try await lane.send(before: deadline) { channel, _ in
            try await channel.topics.ensure(topic, before: deadline)
            try await timingConfirm { now in
                try await channel.channel.publish(
                    message, exchange: topic, routingKey: "", mandatory: false, timeout: now.duration(to: deadline))
            }
        }
    }

    /// Many to a queue, with one wait for all.
    /// - Returns: Why some failed, by their position.
    func publish(
        batch messages: [AMQPMessage], toQueue queue: String, before deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await lane.send(batch: messages, before: deadline) { channel, messages in
            await channel.channel.publish(
                batch: messages, exchange: "", routingKey: queue, mandatory: true,
                timeout: clock.now.duration(to: deadline))
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
                batch: messages, exchange: topic, routingKey: "", timeout: clock.now.duration(to: deadline))
        }
    }

    /// Ends the channels. What waits fails once their connection is closed.
    func retire() { lane.retire() }

    /// Returns when nothing is left of them.
    func finish() async { await lane.finish() }

    /// Tells how long something took that returns with the confirm of a message, and that knows when it began.
    private func timingConfirm(_ publish: (MessagingClock.Instant) async throws -> Void) async rethrows {
        let start = clock.now
        try await publish(start)
        observer.confirmed(after: start.duration(to: clock.now))
    }
}
