/// A processor as it was registered. It stays when the bus stops.
struct Registration: Sendable {
    let id: Int
    let subscription: Subscription
    let dispatcher: MessageDispatcher

    /// - Parameters:
    ///   - name: The queue or topic without namespace, as targets say it.
    init(
        id: Int, source: Subscription.Source, name: String, handler: any MessageHandler, options: ProcessorOptions,
        environment: BusEnvironment
    ) throws(MessagingError) {
        self.id = id
        let concurrency = options.concurrency ?? environment.concurrency
        let range = BusEnvironment.concurrencies
        guard range.contains(concurrency), (options.prefetch ?? 1) >= 1 else {
            throw MessagingError(
                .registration, "concurrency must be \(range.lowerBound) to \(range.upperBound), prefetch at least 1",
                target: name)
        }
        let retryPolicy = options.retryPolicy ?? environment.retryPolicy
        subscription = Subscription(
            source: source, concurrency: concurrency, prefetch: options.prefetch, retryDelays: retryPolicy.allDelays,
            isSingleActive: options.isSingleActive, priority: options.priority, queueArguments: options.queueArguments)
        dispatcher = MessageDispatcher(
            name: name, handler: handler, retryPolicy: retryPolicy, retriesQueries: options.retriesQueries,
            isDurable: subscription.durableQueue != nil, environment: environment)
    }
}

/// A registration at work.
struct ActiveProcessor: Sendable {
    let subscription: any AdapterSubscription
    let pump: DeliveryPump

    /// Subscribes to the adapter.
    static func start(_ registration: Registration, on adapter: any MessagingAdapter) async throws -> ActiveProcessor {
        let pump = DeliveryPump(
            dispatcher: registration.dispatcher, concurrency: registration.subscription.concurrency)
        let subscription = try await adapter.subscribe(registration.subscription) { pump.receive($0) }
        return ActiveProcessor(subscription: subscription, pump: pump)
    }

    /// Stops delivering, then lets what is running finish until the caller's task is cancelled.
    func stop() async {
        await subscription.cancel()
        await pump.drain()
        await subscription.close()
    }
}
