import Metrics
import MetricsTestKit
import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct MetricsTests {
    private let world = TestWorld()
    private let metrics = TestMetrics()

    /// A bus that measures.
    private func bus(_ options: MessagingOptions = [:]) throws -> MessageBus {
        try withMetricsFactory(metrics) { try world.bus(options) }
    }

    /// A started bus that answers `orders/do`, and fails if the message says so.
    private func service(_ options: ProcessorOptions = ProcessorOptions()) async throws -> MessageBus {
        let bus = try bus()
        try await bus.requests("orders", options: options) { orders in
            orders.query("do") { message, _ in
                if message["fails"] == true { throw ProcessingError(code: "broken", message: "it broke") }
                return [:]
            }
            orders.command("do") { message, context in
                if message["nack"] == true, context.attempt == 1 { throw NACK() }
                if message["fails"] == true { throw ProcessingError(code: "broken", message: "it broke") }
            }
        }
        try await bus.start()
        return bus
    }

    private func labels(
        _ operation: String, _ destination: String, _ kind: MessageKind, _ method: String, error: String? = nil
    ) -> [(String, String)] {
        [
            ("messaging.system", "memory"), ("messaging.operation.name", operation),
            ("messaging.operation.type", operation), ("messaging.destination.name", destination),
            ("mimi.message.kind", kind.rawValue), ("mimi.message.method", method),
        ] + (error.map { [("error.type", $0)] } ?? [])
    }

    /// Labels of what only processors have.
    private func processor(_ kind: MessageKind, _ method: String) -> [(String, String)] {
        [
            ("messaging.system", "memory"), ("messaging.destination.name", "orders"),
            ("mimi.message.kind", kind.rawValue), ("mimi.message.method", method),
        ]
    }

    private func total(_ name: String, _ labels: [(String, String)]) throws -> Int64 {
        try metrics.expectCounter(name, labels).totalValue
    }

    @Test func sendingIsCountedAndTimed() async throws {
        let bus = try await service()
        _ = try await bus.query("orders/do")
        try await bus.command("orders/do")
        try await bus.event("users#locked")
        try await expectError(.unroutable) { try await bus.command("nowhere/do") }
        await bus.end()
        let sent = "messaging.client.sent.messages"
        #expect(try total(sent, labels("send", "orders", .query, "do")) == 1)
        #expect(try total(sent, labels("send", "orders", .command, "do")) == 1)
        #expect(try total(sent, labels("send", "users", .event, "locked")) == 1)
        #expect(try total(sent, labels("send", "nowhere", .command, "do", error: "unroutable")) == 1)
        let timer = try metrics.expectTimer(
            "messaging.client.operation.duration", labels("send", "orders", .query, "do"))
        #expect(timer.values.count == 1)
        #expect(try metrics.expectMeter("mimi.send.in_flight", [("messaging.system", "memory")]).lastValue == 0)
    }

    @Test func aQueryThatFailedIsNoSuccess() async throws {
        let bus = try await service()
        try await expectError(.remote) { try await bus.query("orders/do", ["fails": true]) }
        await bus.end()
        let sent = "messaging.client.sent.messages"
        #expect(try total(sent, labels("send", "orders", .query, "do", error: "remote")) == 1)
        #expect(metrics.counters(label: sent).map(\.totalValue).reduce(0, +) == 1)
        let consumed = "messaging.client.consumed.messages"
        #expect(try total(consumed, labels("process", "orders", .query, "do", error: "broken")) == 1)
    }

    @Test func processingIsCountedAndTimed() async throws {
        let gate = Gate()
        let bus = try bus()
        try await bus.requests("orders") { orders in
            orders.command("do") { _, _ in try await gate.wait() }
        }
        try await bus.start()
        try await bus.command("orders/do")
        try await world.broker.depth(of: "orders") { $0.unsettled == 1 }
        let inFlight = [("messaging.system", "memory"), ("messaging.destination.name", "orders")]
        gate.open()
        try await world.broker.depth(of: "orders") { $0 == .init() }
        await bus.end()
        let meter = try metrics.expectMeter("mimi.process.in_flight", inFlight)
        #expect(meter.values == [1, 0])
        let done = labels("process", "orders", .command, "do")
        #expect(try total("messaging.client.consumed.messages", done) == 1)
        #expect(try metrics.expectTimer("messaging.process.duration", done).values.count == 1)
        let sentToDone = try metrics.expectTimer("mimi.process.sent_to_done.duration", processor(.command, "do"))
        #expect(sentToDone.values.count == 1)
        #expect(sentToDone.values.allSatisfy { (0..<60_000_000_000).contains($0) })
    }

    @Test func retriesAndDeadLettersAreCounted() async throws {
        let bus = try await service(ProcessorOptions(retryPolicy: RetryPolicy(maximumAttempts: 2, delays: [.zero])))
        try await bus.command("orders/do", ["fails": true])
        _ = try await world.broker.deadLetters(of: "orders", count: 1)
        try await bus.command("orders/do", ["nack": true])
        try await world.broker.depth(of: "orders") { $0 == .init() }
        await bus.end()
        #expect(try total("mimi.process.retries", processor(.command, "do")) == 2)
        #expect(try total("mimi.process.dead_letters", processor(.command, "do")) == 1)
        let consumed = "messaging.client.consumed.messages"
        #expect(try total(consumed, labels("process", "orders", .command, "do", error: "broken")) == 2)
        #expect(try total(consumed, labels("process", "orders", .command, "do", error: "nack")) == 1)
        #expect(try total(consumed, labels("process", "orders", .command, "do")) == 1)
    }

    @Test func whatSendersMakeUpIsOther() async throws {
        let bus = try await service()
        for number in 1...50 {
            let invented = IncomingMessage(kind: .command, id: "1", method: "invented\(number)", body: Array("{}".utf8))
            try world.broker.publish(invented, toQueue: "orders")
        }
        try world.broker.publish(IncomingMessage(kind: .command, defect: "it is broken"), toQueue: "orders")
        _ = try await world.broker.deadLetters(of: "orders", count: 51)
        await bus.end()
        let consumed = "messaging.client.consumed.messages"
        #expect(try total(consumed, labels("process", "orders", .command, "other", error: "unknown_method")) == 50)
        #expect(try total(consumed, labels("process", "orders", .command, "other", error: "invalid_message")) == 1)
        #expect(try total("mimi.process.dead_letters", processor(.command, "other")) == 51)
        let methods = Set(metrics.counters.flatMap(\.dimensions).filter { $0.0 == "mimi.message.method" }.map(\.1))
        #expect(methods == ["other"])
    }

    /// Events of types without a handler are done, not refused; they have no label either.
    @Test func anEventWithoutHandlerIsOther() async throws {
        let bus = try bus()
        let journal = Journal<String>()
        try await bus.events("users", queue: "billing") { users in
            users.event("locked") { _, _ in journal.note("locked") }
        }
        try await bus.start()
        let outsider = try await world.client()
        try await outsider.event("users#invented")
        try await outsider.event("users#locked")
        try await journal.wait(for: 1)
        try await world.broker.depth(of: "billing") { $0 == .init() }
        await outsider.end()
        await bus.end()
        let consumed = "messaging.client.consumed.messages"
        #expect(try total(consumed, labels("process", "users", .event, "other")) == 1)
        #expect(try total(consumed, labels("process", "users", .event, "locked")) == 1)
        #expect(metrics.counters(label: consumed).count { $0.totalValue > 0 } == 2)
    }

    @Test func whatTheAdapterTellsIsMeasured() async throws {
        let adapter = ScriptedAdapter()
        let bus = try withMetricsFactory(metrics) { try MessageBus(adapter: adapter) }
        try await bus.start()
        let observer = try #require(adapter.script.withLock { $0.observer })
        observer.restored("the consumer of the queue 'orders'")
        observer.unblocked(after: .seconds(3))
        observer.confirmed(after: .milliseconds(2))
        observer.replyDropped()
        await bus.stop()
        let system = ("messaging.system", "scripted")
        let part = ("mimi.adapter.part", "the consumer of the queue 'orders'")
        #expect(try total("mimi.adapter.restorations", [system, part]) == 1)
        #expect(try metrics.expectTimer("mimi.adapter.blocked.duration", [system]).lastValue == 3_000_000_000)
        #expect(try metrics.expectTimer("mimi.adapter.confirm.duration", [system]).lastValue == 2_000_000)
        #expect(try total("mimi.adapter.dropped_replies", [system]) == 1)
        #expect(try metrics.expectMeter("mimi.health", [system]).values == [2, 0, 0])
    }

    @Test func instrumentsAreMadeOnce() async throws {
        let factory = CountingFactory()
        let bus = try withMetricsFactory(factory) { try world.bus() }
        try await bus.requests("orders") { $0.query("do") { _, _ in [:] } }
        try await bus.start()
        _ = try await bus.query("orders/do")
        let made = factory.made.withLock { $0 }
        for _ in 1...20 { _ = try await bus.query("orders/do") }
        await bus.end()
        #expect(made > 0)
        #expect(factory.made.withLock { $0 } == made)
    }

    @Test func nothingIsMeasuredWithoutABackend() {
        #expect(withMetricsFactory(NOOPMetricsHandler.instance) { MetricSource(system: "memory") } == nil)
    }
}

/// Counts what is made.
private final class CountingFactory: MetricsFactory {
    let made = Lock(0)

    private func count() -> NOOPMetricsHandler {
        made.withLock { $0 += 1 }
        return NOOPMetricsHandler.instance
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { count() }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { count() }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler { count() }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { count() }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
