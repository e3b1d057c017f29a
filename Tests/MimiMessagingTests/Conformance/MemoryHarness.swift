import MimiMessaging
import MimiMessagingTesting

/// The in-memory adapter, for the conformance suite. Each harness has a broker of its own.
struct MemoryHarness: ConformanceHarness {
    let broker = MemoryBroker()
    var features = AdapterFeatures()
    /// What stands between each bus and its adapter; by default nothing.
    var wrap: @Sendable (any MessagingAdapter) -> any MessagingAdapter = { $0 }

    func makeBus(
        options: MessagingOptions, middleware: [any MessagingMiddleware], serializers: [any MessageSerializer]
    ) async throws -> MessageBus {
        let limit = try options.integer("mq_max_body_size", in: 1...(1 << 30)) ?? AdapterContext().maximumBodySize
        let adapter = MemoryAdapter(
            broker: broker, context: AdapterContext(options: options, clock: broker.clock, maximumBodySize: limit))
        return try MessageBus(
            adapter: wrap(adapter), options: options, serializers: serializers, middleware: middleware,
            clock: broker.clock, logger: .silent)
    }

    func takeDeadLetters(of queue: String, count: Int, within limit: Duration) async throws -> [DeadLetter] {
        do {
            _ = try await within(limit, "\(count) dead letters") {
                try await broker.deadLetters(of: queue, count: count)
            }
        } catch is TimeLimitExceeded {
            // The caller judges what there is.
        }
        return broker.takeDeadLetters(of: queue).map { letter in
            DeadLetter(
                body: letter.message.body, contentType: letter.message.contentType, id: letter.message.id,
                method: letter.message.method, headers: Dictionary(uniqueKeysWithValues: Array(letter.message.headers)),
                failureCode: letter.failure.code, failureMessage: letter.failure.message,
                attempts: letter.message.attempt)
        }
    }

    func depth(of queue: String, awaiting count: Int, within limit: Duration) async throws -> Int {
        do {
            _ = try await within(limit, "\(count) messages") {
                try await broker.depth(of: queue) { $0.ready == count }
            }
        } catch is TimeLimitExceeded {
            // The caller judges what there is.
        }
        return broker.depth(of: queue)?.ready ?? 0
    }

    func send(_ message: ForeignMessage, toQueue queue: String) async throws {
        try broker.publish(incoming(message, otherwise: .command), toQueue: queue)
    }

    func send(_ message: ForeignMessage, toTopic topic: String) async throws {
        broker.publish(incoming(message, otherwise: .event), toTopic: topic)
    }

    private func incoming(_ message: ForeignMessage, otherwise kind: MessageKind) -> IncomingMessage {
        IncomingMessage(
            kind: message.kind ?? kind, id: message.id, method: message.method,
            headers: MessageHeaders(message.headers),
            body: message.body, contentType: message.contentType)
    }
}
