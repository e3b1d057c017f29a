import Logging
import MimiMessaging
import RabbitMQClient

/// The adapter from one start to the next stop: two links to the broker, and who works on them.
final class RabbitMQSession: Sendable {
    private let configuration: RabbitMQConfiguration
    private let clock: MessagingClock
    private let logger: Logger
    private let publishing: Supervisor<BrokerConnection>
    private let consuming: Supervisor<BrokerConnection>
    private let publisher: Publisher
    private let queries: QueryClient
    private let decoder: MessageDecoder
    private let sends: InFlight
    private let subscriptions = Lock<[RabbitMQSubscription]>([])

    init(_ configuration: RabbitMQConfiguration, context: AdapterContext) {
        let (clock, logger) = (context.clock, context.logger)
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        publishing = Supervisor("the publishing connection", clock: clock, logger: logger) {
            try await BrokerConnection.open(configuration, role: "publishing", logger: logger)
        }
        consuming = Supervisor("the consuming connection", clock: clock, logger: logger) {
            try await BrokerConnection.open(configuration, role: "consuming", logger: logger)
        }
        decoder = MessageDecoder(clock: clock, replyQueuePrefix: configuration.replyQueuePrefix)
        publisher = Publisher(link: publishing, clock: clock, logger: logger)
        queries = QueryClient(link: publishing, configuration: configuration, decoder: decoder, logger: logger)
        sends = InFlight(clock: clock)
    }

    /// Connects, trying for a while.
    func start() async throws {
        _ = try await publishing.lease(before: startDeadline)
    }

    /// Lets what is under way finish until the deadline, then ends everything.
    func stop(deadline: MessagingClock.Instant) async {
        await sends.waitUntilIdle(before: deadline)
        // Channels go with their connection, and need not say goodbye one by one.
        publisher.retire()
        queries.retire()
        async let consumingStopped: Void = consuming.stop()
        async let publishingStopped: Void = publishing.stop()
        _ = await (consumingStopped, publishingStopped)
        await publisher.finish()
        await queries.finish()
        for subscription in subscriptions.withLock({ $0 }) { await subscription.finish() }
    }

    /// What is the matter with its connections, and with the consumers on them.
    var obstacles: [BusObstacle] {
        let blocked = publishing.current?.blockedReason.map {
            BusObstacle(.blocked, subject: publishing.name, reason: $0)
        }
        return [blocked, publishing.obstacle, consuming.obstacle].compactMap { $0 }
            + subscriptions.withLock { $0 }.compactMap(\.obstacle)
    }

    func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {
        try await sends.run {
            try await publisher.publish(MessageEncoder.message(message), toQueue: queue, before: deadline)
        }
    }

    func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        try await sends.run { try await queries.query(message, queue: queue, before: deadline) }
    }

    func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        try await sends.run {
            try await publisher.publish(MessageEncoder.message(message), toTopic: topic, before: deadline)
        }
    }

    func commands(
        _ messages: [OutgoingMessage], to queue: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await sends.run {
            try await publisher.publish(batch: messages.map(MessageEncoder.message), toQueue: queue, before: deadline)
        }
    }

    func events(
        _ messages: [OutgoingMessage], to topic: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await sends.run {
            try await publisher.publish(batch: messages.map(MessageEncoder.message), toTopic: topic, before: deadline)
        }
    }

    func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> RabbitMQSubscription {
        let context = ConsumerContext(
            subscription: subscription, configuration: configuration, link: consuming, publisher: publisher,
            decoder: decoder, clock: clock, logger: logger)
        let subscription = RabbitMQSubscription(context, receiver: receiver)
        try await subscription.start(before: startDeadline)
        subscriptions.withLock { subscriptions in
            subscriptions.removeAll(where: \.isCancelled)
            subscriptions.append(subscription)
        }
        return subscription
    }

    private var startDeadline: MessagingClock.Instant {
        clock.now.advanced(by: max(configuration.startTimeout, configuration.connectTimeout))
    }
}
