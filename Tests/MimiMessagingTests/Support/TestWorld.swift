import Logging
import MimiMessagingTesting

@testable import MimiMessaging

/// A broker with a clock that stands still, and buses on it.
struct TestWorld: Sendable {
    let testClock = TestClock()
    let clock: MessagingClock
    let broker: MemoryBroker
    let log = LogRecorder()

    init() {
        clock = MessagingClock(testClock)
        broker = MemoryBroker(clock: clock)
    }

    func bus(
        _ options: MessagingOptions = [:], serializers: [any MessageSerializer] = [],
        middleware: [any MessagingMiddleware] = []
    ) throws -> MessageBus {
        try MessageBus(
            adapter: MemoryAdapter(broker: broker), options: options, serializers: serializers, middleware: middleware,
            clock: clock, logger: log.logger)
    }

    /// A started bus.
    func client(_ options: MessagingOptions = [:]) async throws -> MessageBus {
        let bus = try bus(options)
        try await bus.start()
        return bus
    }

    /// A started bus that handles the command and the query `do` of a queue.
    func service(
        _ queue: String = "orders", options: ProcessorOptions = ProcessorOptions(),
        bus busOptions: MessagingOptions = [:],
        _ handler: @escaping @Sendable (Message, MessageContext) async throws -> Message
    ) async throws -> MessageBus {
        let bus = try bus(busOptions)
        try await bus.requests(queue, options: options) { requests in
            requests.command("do") { message, context in _ = try await handler(message, context) }
            requests.query("do") { message, context in try await handler(message, context) }
        }
        try await bus.start()
        return bus
    }
}
