import Logging
import MimiMessaging
import RabbitMQClient

/// The adapter from one start to the next stop: two links to the broker, and who works on them.
final class RabbitMQSession: Sendable {
    private let configuration: RabbitMQConfiguration
    private let clock: MessagingClock
    private let random: RandomSource
    private let logger: Logger
    private let observer: any AdapterObserver
    private let publishing: Supervisor<BrokerConnection>
    private let consuming: Supervisor<BrokerConnection>
    private let publisher: Publisher
    private let queries: QueryClient
    private let decoder: MessageDecoder
    private let sends: InFlight
    private let subscriptions = Lock<[RabbitMQSubscription]>([])

    init(
        _ configuration: RabbitMQConfiguration, context: AdapterContext, environment: RabbitMQEnvironment,
        observer: any AdapterObserver
    ) {
        let (clock, random, logger) = (context.clock, environment.random, context.logger)
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
        self.observer = observer
        func connection(for role: String) -> Supervisor<BrokerConnection> {
            Supervisor("the \(role) connection", clock: clock, random: random, logger: logger, observer: observer) {
                try await BrokerConnection.open(
                    configuration, role: role, clock: clock, environment: environment, logger: logger,
                    observer: observer)
            }
        }
        publishing = connection(for: "publishing")
        consuming = connection(for: "consuming")
        decoder = MessageDecoder(clock: clock, replyQueuePrefix: configuration.replyQueuePrefix)
        publisher = Publisher(link: publishing, clock: clock, random: random, logger: logger, observer: observer)
        queries = QueryClient(
            link: publishing, configuration: configuration, decoder: decoder, random: random, logger: logger,
            observer: observer)
        sends = InFlight(clock: clock)
    }

    /// Connects, trying for a while.
    func start() async throws {
        for risk in configuration.risks { logger.warning("\(risk)") }
        _ = try await publishing.lease(before: startDeadline)
    }

    /// Lets what is under way finish until the deadline, then ends everything.
    func stop(deadline: MessagingClock.Instant) async {
        await sends.waitUntilIdle(before: deadline)
        // Channels go with their connection, and need not say goodbye one by one.
        publisher.retire()
        queries.retire()
        let timeout = closeTimeout(before: deadline)
        async let consumingClosed: Void? = consuming.retire()?.close(within: timeout)
        async let publishingClosed: Void? = publishing.retire()?.close(within: timeout)
        _ = await (consumingClosed, publishingClosed)
        await consuming.finish()
        await publishing.finish()
        await publisher.finish()
        await queries.finish()
        for subscription in subscriptions.withLock({ $0 }) { await subscription.finish() }
    }

    /// How long the broker may take to answer our goodbye: as long as the stop may take, and a little beyond it, so that
    /// what was decided reaches it.
    private func closeTimeout(before deadline: MessagingClock.Instant) -> Duration {
        let least = Duration.milliseconds(500)
        return Task.isCancelled ? least : min(max(least, clock.now.duration(to: deadline)), .seconds(5))
    }

    /// What is the matter with its connections, and with the consumers on them.
    var obstacles: [BusObstacle] {
        let blocked = publishing.current?.blockedReason.map {
            BusObstacle(.blocked, subject: publishing.name, reason: $0)
        }
        // All that is sent goes over the publishing connection.
        var unreachable = publishing.obstacle
        unreachable?.stopsSending = true
        return [blocked, unreachable, consuming.obstacle].compactMap { $0 }
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
            decoder: decoder, clock: clock, random: random, logger: logger, observer: observer)
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
