import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

/// Messages that only a foreign sender can make. Each costs itself its place in the queue, and nothing else.
@Suite("Hostile messages go to the dead letters once")
struct HostileMessageTests {
    private let queue = TestBroker.uniqueName("hostile")

    private static let hostile: [(String, AMQPProperties, [UInt8])] = [
        ("no headers", AMQPProperties(), Array("{}".utf8)),
        ("no method", AMQPProperties(contentType: "application/json", headers: [:]), Array("{}".utf8)),
        ("a path for a method", AMQPProperties(headers: ["__method": "../../x"]), Array("{}".utf8)),
        ("a type for a method", AMQPProperties(headers: ["__method": "Foundation.Process"]), Array("{}".utf8)),
        (
            "a body that says how to make an object of it",
            AMQPProperties(contentType: "application/x-java-serialized-object", headers: ["__method": "take"]),
            Array("{}".utf8)
        ),
        ("300 headers", AMQPProperties(headers: many(300)), Array("{}".utf8)),
        ("no JSON", AMQPProperties(headers: ["__method": "take"]), Array("{".utf8)),
        ("an array", AMQPProperties(headers: ["__method": "take"]), Array("[]".utf8)),
        ("an empty body", AMQPProperties(headers: ["__method": "take"]), []),
        ("0xFF", AMQPProperties(headers: ["__method": "take"]), [0xFF, 0xFF]),
        (
            "deep arrays", AMQPProperties(headers: ["__method": "take"]),
            Array(repeating: UInt8(ascii: "["), count: 64_000)
        ),
        ("a reply", AMQPProperties(headers: ["__method": "take"], type: "reply"), Array("{}".utf8)),
        (
            "a victim's queue to answer to", AMQPProperties(headers: ["__method": "ask"], replyTo: "victim"),
            Array("{}".utf8)
        ),
        ("nowhere to answer to", AMQPProperties(headers: ["__method": "ask"], replyTo: ""), Array("{}".utf8)),
        (
            "a malformed direct reply-to",
            AMQPProperties(headers: ["__method": "ask"], replyTo: "amq.rabbitmq.reply-to.AAAA.BBBB"),
            Array("{}".utf8)
        ),
        ("a nested table", AMQPProperties(headers: ["__method": "take", "deep": nested(20)]), Array("{}".utf8)),
    ]

    private static func many(_ count: Int) -> AMQPFieldTable {
        AMQPFieldTable((0..<count).map { .init(name: "h\($0)", value: .bool(true)) })
    }

    private static func nested(_ depth: Int) -> AMQPFieldValue {
        (0..<depth).reduce(.bool(true)) { inner, _ in .array([inner]) }
    }

    /// How many become dead letters for which reason. What cannot be read at all, the broker has moved: it writes no reason.
    private static let reasons = ["unknown_method": 4, "serialization": 6, "invalid_message": 4, "unread": 2]

    @Test(.timeLimit(.minutes(2))) func neighboursAreNotHarmed() async throws {
        let log = LogRecorder()
        let bus = try TestBroker.bus(logger: log.logger)
        let taken = Journal<Int>()
        try await bus.requests(queue) { handlers in
            handlers.command("take") { message, _ in taken.note(try message["n"]) }
            handlers.query("ask") { _, _ in [:] }
        }
        try await bus.start()
        try await TestBroker.withChannel { channel in
            try await channel.selectConfirms()
            for (index, (_, properties, body)) in Self.hostile.enumerated() {
                try await channel.publish(
                    AMQPMessage(properties: properties, body: body), exchange: "", routingKey: queue, mandatory: true)
                try await bus.command(RequestTarget("\(queue)/take"), ["n": .integer(index)])
            }
        }
        #expect(try await Set(taken.wait(for: Self.hostile.count)) == Set(Self.hostile.indices))
        let buried = try await TestBroker.deadLetters(of: queue, count: Self.hostile.count)
        #expect(buried == Self.hostile.count)
        await bus.stop()
        #expect(taken.entries.count == Self.hostile.count)
        #expect(!log.text.contains("is lost"))
        // All that there is now: nothing is settled any more.
        #expect(try await reasonsOfDeadLetters() == Self.reasons)
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    private func reasonsOfDeadLetters() async throws -> [String: Int] {
        try await TestBroker.withChannel { channel in
            var reasons: [String: Int] = [:]
            while let letter = try await channel.get(queue + ".dead") {
                reasons[reason(of: letter), default: 0] += 1
                channel.ack(letter.tag)
            }
            return reasons
        }
    }

    private func reason(of letter: AMQPDelivery) -> String {
        guard case .message(let message) = letter.content else { return "unread" }
        guard case .string(let code)? = message.properties.headers?["__error_code"],
            case .string(let text)? = message.properties.headers?["__error_message"], !text.isEmpty
        else { return "none" }
        return code
    }

    @Test(.timeLimit(.minutes(1))) func aBodyOverTheLimitIsMovedUnread() async throws {
        let bus = try TestBroker.bus(["mq_max_body_size": 10_000])
        let taken = Journal<Int>()
        try await bus.requests(queue) { $0.command("take") { message, _ in taken.note(try message["n"]) } }
        try await bus.start()
        try await TestBroker.withChannel { channel in
            try await channel.selectConfirms()
            try await channel.publish(
                AMQPMessage(
                    properties: AMQPProperties(headers: ["__method": "take"]),
                    body: Array(repeating: 32, count: 200_000)),
                exchange: "", routingKey: queue, mandatory: true)
        }
        try await bus.command(RequestTarget("\(queue)/take"), ["n": 1])
        #expect(try await taken.wait(for: 1) == [1])
        #expect(try await TestBroker.deadLetters(of: queue, count: 1) == 1)
        await bus.stop()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    @Test(.timeLimit(.minutes(1))) func aQueueThatIsDeclaredOtherwiseIsNamed() async throws {
        try await TestBroker.withChannel { channel in
            _ = try await channel.declareQueue(queue, arguments: ["x-queue-type": "classic"])
        }
        let bus = try TestBroker.bus()
        try await bus.requests(queue) { $0.command("take") { _, _ in } }
        let error = await #expect(throws: MessagingError.self) { try await bus.start() }
        #expect(error?.code == .topology)
        #expect(
            error?.message.contains("x-queue-type") == true || error?.message.contains("x-dead-letter-exchange") == true
        )
        #expect(error?.message.contains(queue) == true)
        await bus.stop()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }
}
