// The code in documentation comments of MimiMessagingTesting, as tests that run.

import MimiMessaging
import MimiMessagingTesting
import Testing

/// What the comment of `RecordingAdapter` tests.
struct Checkout: Sendable {
    let bus: MessageBus

    func pay(order: Int) async throws {
        _ = try await bus.query("orders/show", ["id": .integer(order)])
        do {
            try await bus.command("billing/charge", ["order": .integer(order)])
        } catch let error as MessagingError where error.isRetryable {
            try await bus.command("billing/charge", ["order": .integer(order)])
        }
        try await bus.event("orders#paid", ["id": .integer(order)])
    }
}

@Test func recordingAdapter() async throws {
    let recording = RecordingAdapter()
    recording.answer("orders/show", with: ["id": 123, "total": 9.5])
    recording.fail("billing/charge", with: MessagingError(.connection, "the link broke"), times: 1)
    try await withMessageBus(MessageBus(adapter: recording)) { bus in
        try await Checkout(bus: bus).pay(order: 123)
    }
    #expect(recording.sent.map(\.target) == ["orders/show", "billing/charge", "billing/charge", "orders#paid"])
}

@Test func journal() async throws {
    let bus = try MessageBus(options: ["mq_adapter": "memory"])
    try await bus.start()

    let locked = Journal<String>()
    try await bus.requests("users") { users in
        users.command("lock") { message, context in locked.note(try message["id"]) }
    }
    try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])
    #expect(try await locked.wait(for: 1) == ["b3cc29c8d2ec68e0"])

    await bus.stop()
}

/// Compiled only: nothing sleeps here.
func testClock() async throws {
    let clock = TestClock()
    let bus = try MessageBus(options: ["mq_adapter": "memory"], clock: MessagingClock(clock))
    // … something sleeps: a retry delay, a time limit …
    await clock.waitForSleepers(1)
    clock.advance(by: .seconds(5))

    await bus.stop()
}

/// What the comment of `withMessageBus` registers.
struct OrdersProcessor: RequestProcessor {
    func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
        ["id": .integer(try message["id"])]
    }
}

@Test func messageBus() async throws {
    try await withMessageBus { bus in
        try await bus.register(OrdersProcessor(), queue: "orders")
        let order = try await bus.query("orders/show", ["id": 123])
        #expect(order["id"]?.integer == 123)
    }
}
