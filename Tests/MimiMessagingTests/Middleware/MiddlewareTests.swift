import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct MiddlewareTests {
    /// Notes what passes, and puts its name into the headers.
    private struct Noting: MessagingMiddleware {
        let name: String
        let journal: Journal<String>

        func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
            journal.note("send \(name)")
            var message = message
            message.headers["way"] = (message.headers["way"] ?? "") + name
            let reply = try await next(message)
            journal.note("sent \(name)")
            return reply
        }

        func process(
            _ message: IncomingMessage, context: MessageContext, next: ProcessNext
        ) async throws -> Message? {
            journal.note("process \(name)")
            var context = context
            context.headers["way"] = (context.headers["way"] ?? "") + name.uppercased()
            let answer = try await next(message, context)
            journal.note("processed \(name)")
            return answer
        }
    }

    private struct Refusing: MessagingMiddleware {
        func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
            throw MessagingError(.accessRefused, "not today")
        }

        func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
            throw ProcessingError(code: "forbidden", message: "not you", isFinal: true)
        }
    }

    /// Makes of every message what must not be sent.
    private struct Spoiling: MessagingMiddleware {
        let name: String
        var body: [UInt8] = []

        func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
            var message = message
            message.headers[name] = "x"
            message.body += body
            return try await next(message)
        }
    }

    /// Answers by itself.
    private struct Caching: MessagingMiddleware {
        func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
            ["cached": true]
        }
    }

    @Test func theFirstIsTheOutermost() async throws {
        let world = TestWorld()
        let journal = Journal<String>()
        let middleware = ["a", "b"].map { Noting(name: $0, journal: journal) }
        let bus = try world.bus(middleware: middleware)
        try await bus.requests("orders") { orders in
            orders.query("do") { _, context in
                journal.note("handle \(context.headers["way"] ?? "")")
                return [:]
            }
        }
        try await bus.start()
        _ = try await bus.query("orders/do")
        #expect(
            journal.entries == [
                "send a", "send b", "process a", "process b", "handle abAB", "processed b", "processed a", "sent b",
                "sent a",
            ])
        await bus.stop()
    }

    @Test func aStepCanRefuseToSend() async throws {
        let world = TestWorld()
        let bus = try world.bus(middleware: [Refusing()])
        try await bus.start()
        let error = try await expectError(.accessRefused) { try await bus.event("users#locked") }
        #expect(error.target == "users#locked")
        await bus.stop()
    }

    @Test func aStepThatThrowsCountsAsTheProcessor() async throws {
        let world = TestWorld()
        let bus = try world.bus(middleware: [Refusing()])
        try await bus.requests("orders") { orders in
            orders.query("do") { _, _ in
                Issue.record("handled")
                return [:]
            }
        }
        try await bus.start()
        let client = try await world.client()
        let error = try await expectError(.remote) { try await client.query("orders/do") }
        #expect(error.remoteCode == "forbidden")
        await client.stop()
        await bus.stop()
    }

    @Test func aStepCanAnswerByItself() async throws {
        let world = TestWorld()
        let bus = try world.bus(middleware: [Caching()])
        try await bus.requests("orders") { orders in
            orders.query("do") { _, _ in
                Issue.record("handled")
                return [:]
            }
        }
        try await bus.start()
        #expect(try await bus.query("orders/do")["cached"] == true)
        await bus.stop()
    }

    @Test func whatAStepMakesOfAMessageIsChecked() async throws {
        func refused(_ code: MessagingError.Code, _ step: Spoiling) async throws {
            let adapter = ScriptedAdapter()
            let bus = try MessageBus(adapter: adapter, options: ["mq_max_body_size": 100], middleware: [step])
            try await bus.start()
            try await expectError(code) { try await bus.command("users/lock") }
            #expect(adapter.calls == ["start"])
        }
        try await refused(.invalidMessage, Spoiling(name: String(repeating: "a", count: 257)))
        try await refused(.invalidMessage, Spoiling(name: "__method"))
        try await refused(.messageTooLarge, Spoiling(name: "a", body: Array(repeating: 32, count: 100)))
    }
}
