/// placeholder
public struct MemoryAdapter: MessagingAdapter {
    public static let name = "memory"
    public static let options: [OptionDefinition] = []
    public init(context: AdapterContext) throws {}
    public func start() async throws {}
    public func stop(deadline: MessagingClock.Instant) async {}
    public func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {}
    public func query(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws -> IncomingMessage { fatalError() }
    public func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {}
    public func subscribe(_ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void) async throws -> any AdapterSubscription { fatalError() }
}
