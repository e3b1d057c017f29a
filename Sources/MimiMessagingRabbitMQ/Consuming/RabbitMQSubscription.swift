import Logging
import MimiMessaging
import RabbitMQClient

/// A subscription of the bus: a supervised consumer, from its first declaration until it is cancelled.
final class RabbitMQSubscription: AdapterSubscription {
    private let supervisor: Supervisor<ConsumerChannel>
    private let retired = Lock<ConsumerChannel?>(nil)
    private let cancellation = Lock(false)

    init(_ context: ConsumerContext, receiver: @escaping @Sendable (any Delivery) -> Void) {
        let name = context.subscription.description
        supervisor = Supervisor(
            "the consumer of \(name)", clock: context.clock, random: context.random, logger: context.logger,
            observer: context.observer
        ) {
            try await ConsumerChannel.open(context, receiver: receiver)
        }
    }

    /// Returns when messages come.
    func start(before deadline: MessagingClock.Instant) async throws {
        do {
            _ = try await supervisor.lease(before: deadline)
        } catch {
            // Not waited for: what is under way may take as long as its connection lives.
            if let channel = supervisor.retire() { await channel.close() }
            throw error
        }
    }

    /// What is the matter with its consumer, if anything is.
    var obstacle: BusObstacle? { supervisor.obstacle }

    /// Whether it was cancelled.
    var isCancelled: Bool { cancellation.withLock { $0 } }

    func cancel() async {
        cancellation.withLock { $0 = true }
        guard let channel = supervisor.retire() else { return }
        retired.withLock { $0 = channel }
        await untilCancelled { await channel.stopConsuming() }
    }

    func close() async {
        let channel = retired.withLock { channel in
            defer { channel = nil }
            return channel
        }
        await untilCancelled { await channel?.close() }
    }

    /// Returns when nothing of it is left, once its connection is closed.
    func finish() async { await supervisor.finish() }
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
