import Foundation
import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

/// Bad messages among good ones.
@Suite("A tenth of all messages is bad")
struct PoisonMixTests {
    private let queue = TestBroker.uniqueName("mix")
    /// 1,000 good ones here, so that the suite stays quick; a tenth as many bad ones on top.
    private let good = TestBroker.loadMessages / 10

    @Test("the good ones are handled, the bad ones buried once, no link is lost", .timeLimit(.minutes(3)))
    func mixed() async throws {
        let clean = try await duration(bad: 0)
        let mixed = try await duration(bad: good / 10)
        let share = clean / mixed
        print(
            "\(good) good messages alone: \(clean); with \(good / 10) bad ones: \(mixed), \(Int(share * 100)) % of the rate"
        )
        // Time says something on a machine that has nothing else to do.
        if ProcessInfo.processInfo.environment["MIMI_MEASURE"] == "1" { #expect(share >= 0.8) }
    }

    private func duration(bad: Int) async throws -> Duration {
        let log = LogRecorder()
        let handled = Journal<Void>(limit: .seconds(100))
        let bus = try MessageBus(
            options: ["mq_adapter": "rabbitmq", "mq_url": .string(TestBroker.url)], adapters: TestBroker.adapters,
            logger: log.logger)
        try await bus.requests(queue) { $0.command("take") { _, _ in handled.note(()) } }
        try await bus.start()
        // All of it waits in the queue before the processor begins.
        await bus.stop()
        try await fill(bad: bad)
        let start = ContinuousClock.now
        try await bus.start()
        try await handled.wait(for: good)
        let duration = start.duration(to: .now)
        if bad > 0 { #expect(try await TestBroker.deadLetters(of: queue, count: bad) == bad) }
        await bus.stop()
        #expect(handled.entries.count == good)
        #expect(!log.text.contains("is lost"))
        try await TestBroker.remove(queue: queue, retryDelays: [1000, 5000, 30000, 120_000, 600_000])
        return duration
    }

    private func fill(bad: Int) async throws {
        try await TestBroker.withChannel { channel in
            try await channel.selectConfirms()
            try await withThrowingTaskGroup { group in
                for number in 0..<(good + bad) {
                    let isBad = bad > 0 && number % (good / bad + 1) == 0
                    let message = isBad ? Self.bad[number % Self.bad.count] : Self.good
                    group.addTask { [queue] in
                        try await channel.publish(
                            message, exchange: "", routingKey: queue, mandatory: true,
                            timeout: .seconds(60))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static let good = AMQPMessage(
        properties: AMQPProperties(headers: ["__method": "take"], deliveryMode: 2), body: Array("{}".utf8))

    private static let bad = [
        AMQPMessage(properties: AMQPProperties(headers: ["__method": "take"]), body: Array("{".utf8)),
        AMQPMessage(properties: AMQPProperties(headers: ["__method": "../../x"]), body: Array("{}".utf8)),
        AMQPMessage(properties: AMQPProperties(), body: [0xFF]),
        AMQPMessage(properties: AMQPProperties(headers: ["__method": "take"], type: "reply"), body: Array("{}".utf8)),
        AMQPMessage(
            properties: AMQPProperties(headers: ["__method": "take"]),
            body: Array(repeating: UInt8(ascii: "["), count: 4096)),
        AMQPMessage(
            properties: AMQPProperties(
                headers: AMQPFieldTable((0..<300).map { .init(name: "h\($0)", value: .bool(true)) })),
            body: Array("{}".utf8)),
    ]
}
