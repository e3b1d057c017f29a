import MimiMessaging
import MimiMessagingTesting
import Testing

@testable import RabbitMQClient

/// Header tables that RabbitMQ relays and that no client with manners sends, written byte by byte.
@Suite("Hostile headers go to the dead letters once")
struct HostileHeaderTests {
    private let queue = TestBroker.uniqueName("headers")

    /// Tables as they stand in a message's properties, without their length.
    private static let tables: [(name: String, bytes: [UInt8])] = [
        ("an empty name", entry("", [86])),
        ("a name of 129 bytes", entry(String(repeating: "n", count: 129), [86])),
        ("a name that is no UTF-8", [1, 0xFF, 86]),
        ("a name with NUL", entry("a\0b", [86])),
        ("65 headers", (0..<65).flatMap { entry("h\($0)", [86]) }),
        ("more than 16 KiB", entry("h", [UInt8(ascii: "S")] + long(Array(repeating: 120, count: 16 << 10)))),
        ("9 tables in each other", nested(9)),
        // As many as fit into a frame: without a limit, a recursive decoder comes to the end of most stacks.
        ("21,000 tables in each other", nested(21_000)),
    ]

    @Test("each, with a good message behind it", .timeLimit(.minutes(2))) func neighboursAreNotHarmed() async throws {
        let log = LogRecorder()
        let bus = try TestBroker.bus(logger: log.logger)
        let taken = Journal<Int>()
        try await bus.requests(queue) { $0.command("take") { message, _ in taken.note(try message["n"]) } }
        try await bus.start()
        let configuration = try await TestBroker.require()
        for (number, table) in Self.tables.enumerated() {
            let established = try Connector(configuration).connect(to: configuration.endpoints[0])
            try openChannel(established)
            // When the broker has closed the channel, it has read what came before.
            try ask(
                .channelClose(replyCode: 200, replyText: "bye"), after: publish(headers: table.bytes),
                over: established
            ) { $0 == .channelCloseOk }
            established.transport.close()
            try await bus.command(RequestTarget("\(queue)/take"), ["n": .integer(number)])
            #expect(try await taken.wait(for: number + 1).count == number + 1, "\(table.name)")
            let buried = try await TestBroker.deadLetters(of: queue, count: number + 1)
            #expect(buried == number + 1, "\(table.name)")
        }
        await bus.stop()
        #expect(taken.entries == Array(Self.tables.indices))
        #expect(!log.text.contains("is lost"))
        #expect(try await TestBroker.deadLetters(of: queue, count: Self.tables.count) == Self.tables.count)
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    /// `basic.publish` to the queue, on the first channel, with nothing but headers.
    private func publish(headers table: [UInt8]) -> [UInt8] {
        let name = Array(queue.utf8)
        let method = [0, 60, 0, 40, 0, 0, 0, UInt8(name.count)] + name + [0]
        let header: [UInt8] = [0, 60, 0, 0] + Array(repeating: 0, count: 8) + [0x20, 0] + Self.long(table)
        return Self.frame(1, method) + Self.frame(2, header)
    }

    private static func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { [type, 0, 1] + long(payload) + [206] }

    /// Bytes behind their number.
    private static func long(_ bytes: [UInt8]) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
    }

    /// A header: its name, and the value with its kind.
    private static func entry(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + value
    }

    /// So many tables in each other, under names that are empty apart from the first. From the outside in: the other way
    /// round it would be copied 21,000 times.
    private static func nested(_ levels: Int) -> [UInt8] {
        let within = 6
        var bytes: [UInt8] = [1, UInt8(ascii: "h")]
        for level in 1...levels {
            let rest = (levels - level) * within
            bytes += [UInt8(ascii: "F")] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rest >> $0) }
            if level < levels { bytes.append(0) }
        }
        return bytes
    }
}
