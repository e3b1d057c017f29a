import Logging
import MimiMessaging
import RabbitMQClient

/// The adapter from one start to the next stop: two links to the broker, and who works on them.
final class RabbitMQSession: Sendable {
    private let configuration: RabbitMQConfiguration
    private let clock: MessagingClock
    private let random: RandomSource
    private let logger: Logger
    private let publishing: Supervisor<BrokerConnection>
    private let consuming: Supervisor<BrokerConnection>
    private let publisher: Publisher
    private let queries: QueryClient
    private let decoder: MessageDecoder
    private let sends: InFlight

    init(_ configuration: RabbitMQConfiguration, context: AdapterContext, environment: RabbitMQEnvironment) {
        let (clock, random, logger) = (context.clock, environment.random, context.logger)
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
        publishing = Supervisor("the publishing connection", clock: clock, random: random, logger: logger) {
            try await BrokerConnection.open(configuration, role: "publishing", environment: environment, logger: logger)
        }
        consuming = Supervisor("the consuming connection", clock: clock, random: random, logger: logger) {
            try await BrokerConnection.open(configuration, role: "consuming", environment: environment, logger: logger)
        }
        decoder = MessageDecoder(clock: clock, replyQueuePrefix: configuration.replyQueuePrefix)
        publisher = Publisher(link: publishing, clock: clock, random: random, logger: logger)
        queries = QueryClient(
            link: publishing, configuration: configuration, decoder: decoder, random: random, logger: logger)
        sends = InFlight(clock: clock)
    }

    /// Connects, trying for a while.
    func start() async throws {
        _ = try await publishing.lease(before: startDeadline)
    }

    /// Lets what is under way finish until the deadline, then ends everything.
    func stop(deadline: MessagingClock.Instant) async {
        await sends.waitUntilIdle(before: deadline)
        await publisher.stop()
        await queries.stop()
        await consuming.stop()
        await publishing.stop()
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

    func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> RabbitMQSubscription {
        let context = ConsumerContext(
            subscription: subscription, configuration: configuration, link: consuming, publisher: publisher,
            decoder: decoder, clock: clock, random: random, logger: logger)
        let subscription = RabbitMQSubscription(context, receiver: receiver)
        try await subscription.start(before: startDeadline)
        return subscription
    }

    private var startDeadline: MessagingClock.Instant {
        clock.now.advanced(by: max(configuration.startTimeout, configuration.connectTimeout))
    }
}
