public import MimiMessaging

/// Carries messages over RabbitMQ; chosen by `mq_adapter: "rabbitmq"`.
///
/// Commands and queries go to durable queues through the default exchange, replies come over direct reply-to, events go to
/// durable fanout exchanges. It holds two connections: one that publishes and hears replies, one that consumes and
/// acknowledges, so that an alarm of the broker never holds up an acknowledgement. Both are restored, with all that was
/// declared and subscribed on them, whenever they break.
public final class RabbitMQAdapter: MessagingAdapter {
    public static let name = "rabbitmq"
    public static var options: [OptionDefinition] { RabbitMQConfiguration.options }

    private let configuration: RabbitMQConfiguration
    private let context: AdapterContext
    private let environment: RabbitMQEnvironment
    private let session = Lock<RabbitMQSession?>(nil)

    /// The type of its queues and their delivery limit.
    public var topologyOptions: [String: String] {
        [
            "mq_rabbitmq_queue_type": configuration.queueType.rawValue,
            "mq_rabbitmq_delivery_limit": String(configuration.deliveryLimit),
        ]
    }

    public convenience init(context: AdapterContext) throws {
        try self.init(context: context, environment: .system)
    }

    /// Creates an adapter that reaches brokers in its own way.
    package init(context: AdapterContext, environment: RabbitMQEnvironment) throws {
        configuration = try RabbitMQConfiguration(
            options: context.options, maximumBodySize: context.maximumBodySize, credentials: context.credentials)
        self.context = context
        self.environment = environment
    }

    public func start(observer: any AdapterObserver) async throws {
        let session = RabbitMQSession(
            configuration, context: context, environment: environment, observer: observer)
        do {
            try await session.start()
        } catch {
            await session.stop(deadline: context.clock.now)
            throw error
        }
        self.session.withLock { $0 = session }
    }

    public func stop(deadline: MessagingClock.Instant) async {
        let session = self.session.withLock { session in
            defer { session = nil }
            return session
        }
        await session?.stop(deadline: deadline)
    }

    public func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {
        try await started.command(message, to: queue, deadline: deadline)
    }

    public func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        try await started.query(message, to: queue, deadline: deadline)
    }

    public func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        try await started.event(message, to: topic, deadline: deadline)
    }

    public func commands(
        _ messages: [OutgoingMessage], to queue: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await started.commands(messages, to: queue, deadline: deadline)
    }

    public func events(
        _ messages: [OutgoingMessage], to topic: String, deadline: MessagingClock.Instant
    ) async throws -> [Int: MessagingError] {
        try await started.events(messages, to: topic, deadline: deadline)
    }

    public func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        try await started.subscribe(subscription, receiver: receiver)
    }

    public var obstacles: [BusObstacle] { session.withLock { $0 }?.obstacles ?? [] }

    private var started: RabbitMQSession {
        get throws(MessagingError) {
            guard let session = session.withLock({ $0 }) else { throw .stopped }
            return session
        }
    }
}
