import Logging
import MimiMessaging
import RabbitMQClient

/// A subscription of the bus: a supervised consumer, from its first declaration until it is cancelled.
final class RabbitMQSubscription: AdapterSubscription {
    private let supervisor: Supervisor<ConsumerChannel>
    private let retired = Lock<ConsumerChannel?>(nil)

    init(_ context: ConsumerContext, receiver: @escaping @Sendable (any Delivery) -> Void) {
        let name = context.subscription.description
        supervisor = Supervisor(
            "the consumer of \(name)", clock: context.clock, random: context.random, logger: context.logger
        ) {
            try await ConsumerChannel.open(context, receiver: receiver)
        }
    }

    /// Returns when messages come.
    func start(before deadline: MessagingClock.Instant) async throws {
        do {
            _ = try await supervisor.lease(before: deadline)
        } catch {
            await supervisor.stop()
            throw error
        }
    }

    func cancel() async {
        guard let channel = await supervisor.retire() else { return }
        await channel.stopConsuming()
        retired.withLock { $0 = channel }
    }

    func close() async {
        let channel = retired.withLock { channel in
            defer { channel = nil }
            return channel
        }
        await channel?.close()
    }
}

extension Subscription {
    /// Its source, for the log.
    var description: String {
        switch source {
        case .requests(let queue): "the queue '\(queue)'"
        case .events(let topic, let queue?): "the queue '\(queue)' of the topic '\(topic)'"
        case .events(let topic, nil): "the topic '\(topic)'"
        }
    }
}
