import Logging
import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct SendingTests {
    private let adapter = ScriptedAdapter()
    private let log = LogRecorder()
    private let clock = MessagingClock(TestClock())

    private func started(
        _ options: MessagingOptions = [:], serializers: [any MessageSerializer] = [],
        middleware: [any MessagingMiddleware] = []
    ) async throws -> MessageBus {
        let bus = try MessageBus(
            adapter: adapter, options: options, serializers: serializers, middleware: middleware, clock: clock,
            logger: log.logger)
        try await bus.start()
        return bus
    }

    private var sent: [OutgoingMessage] { adapter.script.withLock { $0.sent } }

    private func after(_ duration: Duration) -> MessagingClock.Instant { clock.now.advanced(by: duration) }

    @Test func messagesCarryWhatTheyShould() async throws {
        let bus = try await started(["mq_app_id": "shop", "mq_namespace": "test."])
        try await bus.command("users/lock", Message(["id": 1], headers: ["a": "1", "b": "1"]), headers: ["b": "2"])
        try await bus.event("users#locked", ["id": 1])
        _ = try await bus.query("my.orders/show", ["id": 1])
        #expect(adapter.calls == ["start", "command test.users", "event test.users", "query test.my.orders"])
        let command = try #require(sent.first)
        #expect(command.kind == .command)
        #expect(command.method == "lock")
        #expect(command.target == "users/lock")
        #expect(command.headers == ["a": "1", "b": "2"])
        #expect(String(decoding: command.body, as: UTF8.self) == "{\"id\":1}")
        #expect(command.contentType == "application/json")
        #expect(command.appID == "shop")
        #expect(command.failure == nil)
        #expect(sent.map(\.kind) == [.command, .event, .query])
        #expect(sent.map(\.method) == ["lock", "locked", "show"])
        let ids = Set(sent.map(\.id))
        #expect(ids.count == 3)
        #expect(ids.allSatisfy { $0.utf8.count == 32 })
    }

    @Test @MainActor func theActorOfTheSenderIsNotLeft() async throws {
        let bus = try await started(middleware: [Passing()])
        try await bus.command("users/lock")
        _ = try await bus.query("users/show")
        try await bus.event("users#locked")
        #expect(adapter.script.withLock { $0.onMainActor } == [true, true, true])
    }

    /// Middleware that does nothing.
    private struct Passing: MessagingMiddleware {}

    @Test func typedMessagesKnowTheirTargets() async throws {
        let bus = try await started()
        try await bus.command(LockUser(id: "b3cc"))
        try await bus.event(UserLocked(id: "b3cc"))
        #expect(adapter.calls == ["start", "command users", "event users"])
        #expect(sent.map(\.target) == ["users/lock", "users#locked"])
        #expect(sent.allSatisfy { String(decoding: $0.body, as: UTF8.self) == "{\"id\":\"b3cc\"}" })
        // This adapter answers with what it was asked, which is no order.
        let error = try await expectError(.serialization) { try await bus.query(ShowOrder(id: 1)) }
        #expect(error.target == "orders/show")
        #expect(error.message.contains("'items'"))
    }

    @Test func timeLimitsBecomeDeadlines() async throws {
        let bus = try await started(["mq_default_query_timeout": 3, "mq_publish_timeout": 4])
        try await bus.command("users/lock")
        try await bus.event("users#locked")
        _ = try await bus.query("users/show")
        try await bus.command("users/lock", timeout: .seconds(1))
        _ = try await bus.query("users/show", timeout: .seconds(1))
        try await bus.command("users/lock", timeout: .seconds(Int64.max))
        let deadlines = adapter.script.withLock { $0.deadlines }
        #expect(deadlines == [4, 4, 3, 1, 1, 366 * 24 * 3600].map { after(.seconds($0)) })
    }

    @Test func queriesInheritTheDeadline() async throws {
        let bus = try await started()
        try await InheritedDeadline.$current.withValue(after(.seconds(2))) {
            _ = try await bus.query("users/show")
            _ = try await bus.query("users/show", timeout: .seconds(1))
            try await bus.command("users/lock")
        }
        #expect(adapter.script.withLock { $0.deadlines } == [2, 1, 15].map { after(.seconds($0)) })
    }

    @Test func nothingIsSentBeforeStartOrAfterStop() async throws {
        let bus = try MessageBus(adapter: adapter, logger: log.logger)
        func refused() async throws {
            let error = try await expectError(.notStarted) { try await bus.command("users/lock") }
            #expect(error.target == "users/lock")
            try await expectError(.notStarted) { try await bus.query("users/show") }
            try await expectError(.notStarted) { try await bus.event("users#locked") }
        }
        try await refused()
        try await bus.start()
        try await bus.command("users/lock")
        await bus.stop()
        try await refused()
        #expect(sent.count == 1)
    }

    @Test func whatIsWrongIsNotSent() async throws {
        let bus = try await started(["mq_max_body_size": 100, "mq_namespace": "test."])
        try await expectError(.invalidTarget) { try await bus.command("users") }
        try await expectError(.invalidTarget) { try await bus.query("users#lock") }
        try await expectError(.invalidTarget) { try await bus.event("users/locked") }
        let long = String(repeating: "a", count: 251)
        try await expectError(.invalidTarget) { try await bus.command(RequestTarget("\(long)/do")) }
        try await expectError(.invalidTarget) { try await bus.event(EventTarget("\(long)#done")) }
        try await expectError(.serialization) { try await bus.command("users/lock", Message(encoding: [1])) }
        try await expectError(.messageTooLarge) {
            try await bus.command("users/lock", ["text": .string(String(repeating: "a", count: 100))])
        }
        let error = try await expectError(.invalidMessage) {
            try await bus.command("users/lock", headers: [String(repeating: "a", count: 257): "x"])
        }
        #expect(error.target == "users/lock")
        try await expectError(.invalidMessage) { try await bus.event("users#locked", headers: ["__attempt": "7"]) }
        try await expectError(.invalidMessage) { try await bus.query("users/show", headers: ["": "x"]) }
        #expect(sent.isEmpty)
    }

    @Test func anotherSerializerIsUsedByContentType() async throws {
        let bus = try await started(serializers: [FlippedSerializer()])
        let answer = try await bus.query("users/show", ["id": 1])
        #expect(sent.first?.contentType == "application/x-flipped")
        #expect(sent.first?.body.first == ~UInt8(ascii: "{"))
        #expect(answer["id"] == 1)
    }

    @Test func bodiesAreNotLogged() async throws {
        let bus = try await started(["mq_log_at_level": "info"])
        try await bus.command("users/lock", ["password": "hunter2"], headers: ["authorization": "hunter2"])
        let entry = try #require(log.entries.first { $0.message == "sent" })
        #expect(entry.level == .info)
        #expect(entry.metadata["messaging.target"] == "users/lock")
        #expect(entry.metadata["messaging.message.id"] == sent.first?.id)
        #expect(!log.entries.contains { $0.text.contains("hunter2") })
    }
}
