// The code of TestingYourService.md.

import MimiMessaging
import MimiMessagingTesting
import Testing

/// What is tested.
struct OrdersService: Sendable {
    let bus: MessageBus
    let store = Store()

    func register() async throws {
        try await bus.requests("orders") { orders in
            orders.command("place") { [bus, store] message, context in
                try await store.place(message["id"])
                try await bus.event("orders#placed", ["id": try message["id"]])
            }
            orders.query("show") { [store] message, context in
                ["status": .string(try await store.status(of: message["id"]))]
            }
        }
    }

    func checkOut(order: Int) async throws {
        let shown = try await bus.query("orders/show", ["id": .integer(order)])
        guard shown["status"] == "placed" else { return }
        try await bus.command("billing/charge", ["order": .integer(order)])
    }
}

actor Store {
    private var orders: Set<Int> = []

    func place(_ id: Int) { orders.insert(id) }

    func status(of id: Int) -> String { orders.contains(id) ? "placed" : "unknown" }
}

@Test func placedOrdersAreTold() async throws {
    try await withMessageBus { bus in
        try await OrdersService(bus: bus).register()

        // Somebody who listens: a journal is what a test waits for, instead of sleeping.
        let placed = Journal<Int>()
        try await bus.events("orders") { orders in
            orders.event("placed") { message, context in placed.note(try message["id"]) }
        }

        try await bus.command("orders/place", ["id": 123])

        #expect(try await placed.wait(for: 1) == [123])
        let order = try await bus.query("orders/show", ["id": 123])
        #expect(order["status"]?.string == "placed")
    }
}

@Test func chargesOnce() async throws {
    let recording = RecordingAdapter()
    recording.answer("orders/show", with: ["status": "placed"])

    try await withMessageBus(MessageBus(adapter: recording)) { bus in
        try await OrdersService(bus: bus).checkOut(order: 123)
    }

    #expect(recording.sent.map(\.target) == ["orders/show", "billing/charge"])
}

@Test func chargingFails() async throws {
    let recording = RecordingAdapter()
    recording.answer("orders/show", with: ["status": "placed"])
    recording.fail("billing/charge", with: MessagingError(.connection, "the link broke"))

    try await withMessageBus(MessageBus(adapter: recording)) { bus in
        await #expect(throws: MessagingError.self) {
            try await OrdersService(bus: bus).checkOut(order: 123)
        }
    }
}

@Test func retriesAfterFiveSeconds() async throws {
    let clock = TestClock()
    let bus = try MessageBus(
        options: ["mq_adapter": "memory", "mq_retry_delays": "5s"], clock: MessagingClock(clock))
    let attempts = Journal<Int>()

    try await withMessageBus(bus) { bus in
        try await bus.requests("reports") { reports in
            reports.command("render") { message, context in
                attempts.note(context.attempt)
                if context.attempt == 1 { throw ProcessingError(code: "busy", message: "no paper") }
            }
        }
        try await bus.command("reports/render")
        try await attempts.wait(for: 1)

        // The message waits for its second attempt; nobody else sleeps.
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))

        #expect(try await attempts.wait(for: 2) == [1, 2])
    }
}
