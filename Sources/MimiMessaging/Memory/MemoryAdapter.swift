/// Carries messages over a broker inside the process, for unit tests and small programs: `mq_adapter` is `memory`.
///
/// It keeps every promise that an adapter over a network keeps; see ``MemoryBroker``.
public final class MemoryAdapter: MessagingAdapter {
    public static let name = "memory"
    public static let options: [OptionDefinition] = []

    /// What this adapter is connected to.
    public let broker: MemoryBroker
    private let context: AdapterContext
    private let link = Lock<LinkID?>(nil)

    /// Creates an adapter with a broker of its own: only this bus can be reached over it.
    public init(context: AdapterContext) {
        broker = MemoryBroker(clock: context.clock)
        self.context = context
    }

    /// Creates an adapter for one of several buses that share a broker.
    /// - Parameters:
    ///   - broker: What it is connected to.
    ///   - context: `clock` is the clock of the bus. By default it is the broker's.
    public init(broker: MemoryBroker, context: AdapterContext? = nil) {
        self.broker = broker
        self.context = context ?? AdapterContext(clock: broker.clock)
    }

    /// Connects to the broker. Nothing happens inside this adapter that an observer would hear of.
    public func start(observer: any AdapterObserver) async throws {
        try Task.checkCancellation()
        guard link.withLock({ $0 }) == nil else { return }
        let opened = broker.change { [context] state, _ in
            state.open(BrokerState.Link(clock: context.clock, maximumBodySize: context.maximumBodySize))
        }
        link.withLock { $0 = opened }
    }

    public func stop(deadline: MessagingClock.Instant) async {
        guard let open = link.withLock({ $0 }) else { return }
        let deadline = brokerTime(deadline)
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isCancelled = Task.isCancelled
                broker.change { state, now in
                    state.close(open, deadline: isCancelled ? now : deadline, waiter: waiter, at: now)
                }
            }
        } onCancel: {
            broker.change { state, now in state.finishClosing(open, at: now) }
        }
        link.withLock { $0 = nil }
    }

    public func command(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws {
        try check(message, deadline)
        try publish { (state, now) throws(MessagingError) in
            try state.publish(IncomingMessage(message, deadline: nil), toQueue: queue, at: now)
        }
    }

    public func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        try check(message, deadline)
        let address = try broker.change { [link] (state, _) throws(MessagingError) in
            try state.reserveReply(link: link.withLock { $0 })
        }
        let request = IncomingMessage(message, deadline: brokerTime(deadline))
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                broker.change { state, now in
                    state.ask(request, queue: queue, address: address, waiter: waiter, at: now)
                }
            }
        } onCancel: {
            broker.change { state, now in state.cancelQuery(address, at: now) }
        }
    }

    public func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        try check(message, deadline)
        try publish { (state, now) throws(MessagingError) in
            state.publish(IncomingMessage(message, deadline: nil), toTopic: topic, at: now)
        }
    }

    public func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        try Task.checkCancellation()
        let link = link.withLock { $0 }
        let id = try broker.change { (state, _) throws(MessagingError) in
            try state.subscribe(subscription, link: link, receiver: receiver)
        }
        return MemorySubscription(broker: broker, id: id)
    }

    private func publish(
        _ body: (inout BrokerState, MessagingClock.Instant) throws(MessagingError) -> Void
    ) throws(MessagingError) {
        let link = link.withLock { $0 }
        try broker.change { (state, now) throws(MessagingError) in
            _ = try state.openLink(link)
            try body(&state, now)
        }
    }

    /// Whether a message can be sent at all.
    private func check(_ message: OutgoingMessage, _ deadline: MessagingClock.Instant) throws {
        try Task.checkCancellation()
        guard message.body.count <= context.maximumBodySize else {
            throw MessagingError(
                .messageTooLarge,
                "the body has \(message.body.count) bytes, more than mq_max_body_size (\(context.maximumBodySize))")
        }
        guard deadline > context.clock.now else { throw MessagingError(.timeout, "the deadline has passed") }
    }

    /// A time of the bus's clock, by the broker's clock.
    private func brokerTime(_ instant: MessagingClock.Instant) -> MessagingClock.Instant {
        broker.clock.now.advanced(by: context.clock.now.duration(to: instant))
    }
}
