import Metrics
import MetricsTestKit
import MimiMessaging
import MimiMessagingTesting
import Testing

/// What a bus says of itself while its broker is harmed.
@Suite(
    "Health and metrics on RabbitMQ", .serialized, .timeLimit(.minutes(3)),
    .enabled(if: TestBroker.expectsControl, "MIMI_RABBITMQ_CONTROL names no script that controls a broker"))
struct AdapterHealthTests {
    private let metrics = TestMetrics()
    private let queue = TestBroker.uniqueName("health")

    private func bus(_ url: String, _ options: [String: OptionValue] = [:]) throws -> MessageBus {
        let classic: [String: OptionValue] = ["mq_rabbitmq_queue_type": "classic"]
        return try withMetricsFactory(metrics) {
            try TestBroker.bus(classic.merging(options) { _, own in own }, url: url)
        }
    }

    /// Returns when the health is as wanted.
    private func wait(for bus: MessageBus, until isWanted: (BusHealth) -> Bool) async {
        for await health in bus.healthChanges where isWanted(health) { return }
    }

    private var system: (String, String) { ("messaging.system", "rabbitmq") }

    private func restorations(of part: String) -> Int64 {
        let labels = [system, ("mimi.adapter.part", part)]
        return metrics.counterTotal(label: "mimi.adapter.restorations", dimensions: labels)
    }

    @Test("a broker that dies makes the bus down, and its return makes it ready") func brokerDies() async throws {
        let broker = try await ControlledBroker(named: "health")
        let bus = try bus(broker.url)
        try await bus.requests(queue) { $0.command("take") { _, _ in } }
        try await bus.start()
        try await bus.command(RequestTarget("\(queue)/take"))
        #expect(bus.health == .ready)
        #expect(try metrics.expectTimer("mimi.adapter.confirm.duration", [system]).values.count == 1)

        try await broker.control("kill")
        await wait(for: bus) { $0.name == "down" }
        #expect(!bus.probe().ready().isHealthy)
        #expect(bus.probe(deafAfter: .zero).live().isHealthy)
        #expect(bus.health.obstacles.contains { $0.subject == "the publishing connection" && $0.stopsSending })

        try await broker.control("restart")
        await wait(for: bus) { $0 == .ready }
        #expect(restorations(of: "the publishing connection") == 1)
        #expect(restorations(of: "the consuming connection") == 1)
        #expect(restorations(of: "the consumer of the queue '\(queue)'") >= 1)
        await bus.stop()
    }

    @Test("a broker without memory degrades the bus, and the time is measured") func alarm() async throws {
        let broker = try await ControlledBroker(named: "health")
        let bus = try bus(broker.url)
        try await bus.requests(queue) { $0.command("take") { _, _ in } }
        try await bus.start()
        try await broker.control("alarm", "on")
        // A broker blocks a connection when it publishes.
        async let command: Void = bus.command(RequestTarget("\(queue)/take"), timeout: .seconds(60))
        await wait(for: bus) { $0.name == "degraded" }
        #expect(bus.health.obstacles.map(\.kind) == [.blocked])
        #expect(bus.probe(deafAfter: .zero).live().isHealthy)
        try await broker.control("alarm", "off")
        try await command
        await wait(for: bus) { $0 == .ready }
        let blocked = try metrics.expectTimer("mimi.adapter.blocked.duration", [system])
        #expect(blocked.values.count == 1)
        #expect(blocked.values.allSatisfy { $0 > 0 })
        await bus.stop()
    }

    @Test("a reply that comes too late is counted") func lateReply() async throws {
        let (entered, gate) = (Journal<String>(), Gate())
        let bus = try bus(TestBroker.url)
        // One at a time: the second query is handled when the reply to the first is with the broker.
        try await bus.requests(queue, options: ProcessorOptions(concurrency: 1)) { handlers in
            handlers.query("late") { _, _ in
                entered.note("in")
                await gate.waitIgnoringCancellation()
                return [:]
            }
            handlers.query("soon") { _, _ in [:] }
        }
        try await bus.start()
        let late = Task { try await bus.query(RequestTarget("\(queue)/late"), timeout: .milliseconds(500)) }
        try await entered.wait(for: 1)
        await #expect(throws: MessagingError.self) { _ = try await late.value }
        gate.open()
        // Replies come in order over one channel: the late one was there before this.
        _ = try await bus.query(RequestTarget("\(queue)/soon"))
        await bus.stop()
        let dropped = try metrics.expectCounter("mimi.adapter.dropped_replies", [system])
        #expect(dropped.totalValue == 1)
    }
}
