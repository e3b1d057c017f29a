import Logging
import MimiMessaging
import RabbitMQClient

/// What the consumer of one subscription works with; the same over all its channels. An
/// object, since each delivery takes it along.
final class ConsumerContext: Sendable {
    let subscription: Subscription
    let configuration: RabbitMQConfiguration
    let link: Supervisor<BrokerConnection>
    /// Replies and copies go over the other connection: an alarm must not hold up acks, and a reply that costs the
    /// connection must not cost the consumers.
    let publisher: Publisher
    let decoder: MessageDecoder
    let clock: MessagingClock
    let random: RandomSource
    let logger: Logger
    let observer: any AdapterObserver
    /// What is said of messages that cannot be settled: at most a line of each kind a second.
    let complaints: LimitedLog<Complaint>

    /// What may be wrong with settling a message.
    enum Complaint {
        case unfit
        case unsettled
    }

    init(
        subscription: Subscription, configuration: RabbitMQConfiguration, link: Supervisor<BrokerConnection>,
        publisher: Publisher, decoder: MessageDecoder, clock: MessagingClock, random: RandomSource,
        logger: Logger, observer: any AdapterObserver
    ) {
        self.subscription = subscription
        self.configuration = configuration
        self.link = link
        self.publisher = publisher
        self.decoder = decoder
        self.clock = clock
        self.random = random
        self.logger = logger
        self.observer = observer
        complaints = LimitedLog(clock: clock)
    }

    /// How long settling a message may wait for the link to publish.
    static let settlementTimeout = Duration.seconds(30)
    /// How long a message is held back before it returns to its queue because it could not be settled.
    static let pauseAfterFailedSettlement = Duration.seconds(1)

    var isTopic: Bool { if case .events = subscription.source { true } else { false } }

    var prefetch: Int {
        subscription.prefetch ?? configuration.prefetch ?? min(subscription.concurrency * 2, Int(UInt16.max))
    }

    var consumerArguments: AMQPFieldTable {
        subscription.priority.map { ["x-priority": .int64(Int64($0))] } ?? [:]
    }

    func watch(over queue: String, declare: @escaping @Sendable () async throws -> Void) -> ConsumerWatch {
        ConsumerWatch(
            queue: queue, interval: configuration.consumerCheckInterval, declare: declare,
            isSingleActive: subscription.isSingleActive, clock: clock)
    }

    func topology(of queue: String) -> QueueTopology {
        QueueTopology(queue: queue, configuration: configuration, subscription: subscription)
    }
}
