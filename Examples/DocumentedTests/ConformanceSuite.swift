// The code of ConformanceSuite.md.

import Logging
import MimiMessaging
import MimiMessagingTesting
import Testing

struct MyHarness: ConformanceHarness {
    /// Where this adapter differs from others: it has no links that could break.
    static let features = AdapterFeatures(hasLinks: false)

    var features: AdapterFeatures { Self.features }
    let broker = MemoryBroker()

    func makeBus(
        options: MessagingOptions, middleware: [any MessagingMiddleware], serializers: [any MessageSerializer]
    ) async throws -> MessageBus {
        let limit = try options.integer("mq_max_body_size", in: 1...(1 << 30)) ?? AdapterContext().maximumBodySize
        let context = AdapterContext(options: options, maximumBodySize: limit)
        return try MessageBus(
            adapter: MemoryAdapter(broker: broker, context: context), options: options, serializers: serializers,
            middleware: middleware, logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() })
    }

    func depth(of queue: String, awaiting count: Int, within limit: Duration) async throws -> Int {
        try await poll(within: limit) { broker.depth(of: queue)?.ready == count }
        return broker.depth(of: queue)?.ready ?? 0
    }

    func takeDeadLetters(of queue: String, count: Int, within limit: Duration) async throws -> [DeadLetter] {
        try await poll(within: limit) { broker.deadLetters(of: queue).count >= count }
        return broker.takeDeadLetters(of: queue).map { letter in
            DeadLetter(
                body: letter.message.body, contentType: letter.message.contentType, id: letter.message.id,
                method: letter.message.method,
                headers: Dictionary(uniqueKeysWithValues: Array(letter.message.headers)),
                failureCode: letter.failure.code, failureMessage: letter.failure.message,
                attempts: letter.message.attempt)
        }
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
            headers: MessageHeaders(message.headers), body: message.body, contentType: message.contentType)
    }

    /// Brokers tell nobody when a queue grows: they have to be asked again.
    private func poll(within limit: Duration, until isReached: () -> Bool) async throws {
        let end = ContinuousClock.now.advanced(by: limit)
        while !isReached(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    }
}

@Test("conformance", arguments: AdapterConformance.cases(for: MyHarness.features))
func conformance(_ testCase: ConformanceCase) async throws {
    try await testCase.run(on: MyHarness())
}
