import InMemoryTracing
import MetricsTestKit
import MimiMessagingTesting
import Testing
import Tracing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct ObservabilityTests {
    private let world = TestWorld()

    /// A started bus that answers `orders/do`, and fails if the message says so.
    private func service(_ middleware: any MessagingMiddleware) async throws -> MessageBus {
        let bus = try world.bus(["mq_max_body_size": 100], middleware: [middleware])
        try await bus.requests("orders") { orders in
            orders.query("do") { message, _ in
                if message["fails"] == true { throw ProcessingError(code: "broken", message: "it broke") }
                return [:]
            }
        }
        try await bus.start()
        return bus
    }

    @Test func sendingAndProcessingAreCountedAndTimed() async throws {
        let metrics = TestMetrics()
        let bus = try await service(MetricsMiddleware(system: "test", factory: metrics))
        _ = try await bus.query("orders/do")
        try await expectError(.remote) { try await bus.query("orders/do", ["fails": true]) }
        try await expectError(.unroutable) { try await bus.command("nowhere/do") }
        await bus.stop()
        func dimensions(_ kind: String, error: String? = nil) -> [(String, String)] {
            [("messaging.system", "test"), ("messaging.operation.name", kind)]
                + (error.map { [("error.type", $0)] } ?? [])
        }
        // A query that is answered with a failure was sent well.
        let sent = "messaging.client.sent.messages"
        #expect(try metrics.expectCounter(sent, dimensions("query")).totalValue == 2)
        #expect(try metrics.expectCounter(sent, dimensions("command", error: "unroutable")).totalValue == 1)
        let consumed = "messaging.client.consumed.messages"
        #expect(try metrics.expectCounter(consumed, dimensions("query")).totalValue == 1)
        #expect(try metrics.expectCounter(consumed, dimensions("query", error: "broken")).totalValue == 1)
        let timer = try metrics.expectTimer("messaging.client.operation.duration", dimensions("query"))
        #expect(timer.values.count == 2)
        let failed = try metrics.expectTimer("messaging.process.duration", dimensions("query", error: "broken"))
        #expect(failed.values.allSatisfy { $0 >= 0 })
    }

    @Test func spansAreJoinedOverTheBus() async throws {
        let tracer = InMemoryTracer()
        let bus = try await service(TracingMiddleware(system: "test", tracer: tracer))
        try await expectError(.remote) { try await bus.query("orders/do", ["fails": true]) }
        await bus.stop()
        let spans = tracer.finishedSpans
        #expect(spans.count == 2)
        let send = try #require(spans.first { $0.operationName == "send orders/do" })
        let process = try #require(spans.first { $0.operationName == "process orders/do" })
        #expect(send.kind == .client)
        #expect(process.kind == .server)
        #expect(process.traceID == send.traceID)
        #expect(process.parentSpanID == send.spanID)
        #expect(process.errors.count == 1)
        #expect(tracer.activeSpans.isEmpty)
        for span in [send, process] {
            #expect(span.attributes["messaging.system"]?.toSpanAttribute() == .string("test"))
            #expect(span.attributes["messaging.operation.name"]?.toSpanAttribute() == .string("query"))
            #expect(span.attributes["messaging.destination.name"]?.toSpanAttribute() == .string("orders/do"))
            #expect(span.attributes["messaging.message.id"] != nil)
        }
    }
}
