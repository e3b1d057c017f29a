import InMemoryTracing
import MimiMessagingTesting
import Testing
import Tracing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct TracingTests {
    private let world = TestWorld()
    private let tracer = InMemoryTracer()

    /// A bus that traces.
    private func bus(_ options: MessagingOptions = [:]) throws -> MessageBus {
        try withTracer(tracer) { try world.bus(options) }
    }

    private func span(_ name: String) throws -> FinishedInMemorySpan {
        let found = tracer.finishedSpans.filter { $0.operationName == name }
        #expect(found.count == 1, "\(tracer.finishedSpans.map(\.operationName))")
        return try #require(found.first)
    }

    private func text(_ span: FinishedInMemorySpan, _ attribute: String) -> String? {
        guard case .string(let text) = span.attributes[attribute]?.toSpanAttribute() else { return nil }
        return text
    }

    @Test func aQueryIsProcessedInAChildSpan() async throws {
        let bus = try bus()
        try await bus.requests("orders") { orders in
            orders.query("do") { _, _ in throw ProcessingError(code: "broken", message: "it broke") }
        }
        try await bus.start()
        try await expectError(.remote) { try await bus.query("orders/do") }
        await bus.end()
        let (send, process) = (try span("send orders/do"), try span("process orders/do"))
        #expect(send.kind == .client)
        #expect(process.kind == .server)
        #expect(process.traceID == send.traceID)
        #expect(process.parentSpanID == send.spanID)
        #expect(process.links.isEmpty)
        #expect(process.errors.count == 1)
        #expect(tracer.activeSpans.isEmpty)
        for (span, operation, error) in [(send, "send", "remote"), (process, "process", "broken")] {
            #expect(text(span, "messaging.system") == "memory")
            #expect(text(span, "messaging.operation.name") == operation)
            #expect(text(span, "messaging.operation.type") == operation)
            #expect(text(span, "messaging.destination.name") == "orders")
            #expect(text(span, "mimi.message.kind") == "query")
            #expect(text(span, "mimi.message.method") == "do")
            #expect(text(span, "messaging.message.id")?.isEmpty == false)
            #expect(text(span, "error.type") == error)
            #expect(span.status?.code == .error)
        }
        #expect(text(send, "messaging.message.id") == text(process, "messaging.message.id"))
    }

    @Test func anEventIsLinked() async throws {
        let bus = try bus()
        let journal = Journal<String>()
        try await bus.events("users", queue: "billing") { $0.event("locked") { _, _ in journal.note("heard") } }
        try await bus.start()
        try await bus.event("users#locked")
        try await journal.wait(for: 1)
        await bus.end()
        let (send, process) = (try span("send users#locked"), try span("process users#locked"))
        #expect(send.kind == .producer)
        #expect(process.kind == .consumer)
        #expect(process.traceID != send.traceID)
        #expect(process.parentSpanID == nil)
        #expect(process.links.map(\.context.inMemorySpanContext?.spanID) == [send.spanID])
        #expect(text(send, "error.type") == nil)
    }

    @Test func theEventOfAStrangerHasNoLink() async throws {
        let bus = try bus()
        let journal = Journal<String>()
        try await bus.events("users", queue: "billing") { $0.event("locked") { _, _ in journal.note("heard") } }
        try await bus.start()
        world.broker.publish(IncomingMessage(kind: .event, method: "locked", body: Array("{}".utf8)), toTopic: "users")
        try await journal.wait(for: 1)
        await bus.end()
        #expect(try span("process users#locked").links.isEmpty)
    }

    /// What a sender makes up must not become the name of a span.
    @Test func anUnknownMethodNamesNoSpan() async throws {
        let bus = try bus()
        try await bus.requests("orders") { $0.command("do") { _, _ in } }
        try await bus.start()
        try world.broker.publish(IncomingMessage(kind: .command, method: "invented"), toQueue: "orders")
        _ = try await world.broker.deadLetters(of: "orders", count: 1)
        await bus.end()
        let process = try span("process orders")
        #expect(text(process, "mimi.message.method") == "other")
        #expect(text(process, "error.type") == "unknown_method")
    }

    @Test func aNACKIsNoOrdinaryError() async throws {
        let bus = try bus()
        let seen = Journal<Bool>()
        try await bus.events("users") { users in
            users.event("locked") { _, _ in
                seen.note(true)
                throw NACK()
            }
        }
        try await bus.start()
        try await bus.event("users#locked")
        try await seen.wait(for: 1)
        await bus.end()
        #expect(text(try span("process users#locked"), "error.type") == "nack")
    }

    @Test func nothingIsTracedWithoutABackend() {
        #expect(TracingMiddleware(system: "memory", events: .link) == nil)
    }

    /// A customer places an order; orders asks billing for the price and tells that the order is placed; billing hears it.
    @Test(arguments: ["link", "child"]) func aTraceOverThreeServicesIsConnected(events: String) async throws {
        let heard = Journal<String>()
        let options: MessagingOptions = ["mq_trace_events": .string(events)]
        let (customer, orders, billing) = (try bus(options), try bus(options), try bus(options))
        try await orders.requests("orders") { requests in
            requests.command("place") { [weak orders] message, _ in
                _ = try await orders?.query("billing/price", ["item": try message["item"]])
                try await orders?.event("orders#placed")
            }
        }
        try await billing.requests("billing") { $0.query("price") { _, _ in ["price": 3] } }
        try await billing.events("orders", queue: "billing.orders") { orders in
            orders.event("placed") { _, _ in heard.note("placed") }
        }
        for bus in [billing, orders, customer] { try await bus.start() }
        try await customer.command("orders/place", ["item": "tea"])
        try await heard.wait(for: 1)
        for bus in [customer, orders, billing] { await bus.end() }

        let spans = tracer.finishedSpans
        #expect(
            spans.map(\.operationName).sorted() == [
                "process billing/price", "process orders#placed", "process orders/place", "send billing/price",
                "send orders#placed", "send orders/place",
            ])
        let root = try span("send orders/place")
        #expect(root.parentSpanID == nil)
        // Each span but the first is reached from another one: as its child, or by a link.
        let known = Set(spans.map(\.spanID))
        for span in spans where span.spanID != root.spanID {
            let origins =
                [span.parentSpanID].compactMap { $0 }
                + span.links.compactMap(\.context.inMemorySpanContext?.spanID)
            #expect(origins.count == 1 && known.isSuperset(of: origins), "\(span.operationName)")
        }
        let place = try span("process orders/place")
        #expect(place.parentSpanID == root.spanID)
        for name in ["send billing/price", "send orders#placed"] {
            #expect(try span(name).parentSpanID == place.spanID)
        }
        #expect(try span("process billing/price").parentSpanID == span("send billing/price").spanID)
        let told = try span("process orders#placed")
        let tells = try span("send orders#placed")
        #expect(events == "child" ? told.parentSpanID == tells.spanID : told.links.count == 1)
        #expect(Set(spans.map(\.traceID)).count == (events == "child" ? 1 : 2))
    }
}
