import Logging
import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite struct LogLimitTests {
    private let time = TestClock()
    private let log = LogRecorder()

    @Test func oneLineASecondAndTheNumberOfTheOthers() {
        var limit = LogLimit()
        let start = MessagingClock(time).now
        func permits(_ milliseconds: Int) -> Int? {
            limit.permit(at: start.advanced(by: .milliseconds(milliseconds)))
        }
        #expect(permits(0) == 0)
        #expect(permits(1) == nil)
        #expect(permits(999) == nil)
        #expect(permits(1_000) == 2)
        #expect(permits(1_001) == nil)
        #expect(permits(5_000) == 1)
        #expect(permits(6_000) == 0)
    }

    @Test func eachKindHasLinesOfItsOwn() {
        let limited = LimitedLog<String>(clock: MessagingClock(time))
        for _ in 1...3 {
            for kind in ["a", "b"] { limited.log(kind, .error, "bad", ["key": "value"], to: log.logger) }
        }
        time.advance(by: .seconds(1))
        limited.log("a", .error, "bad", ["key": "value"], to: log.logger)
        #expect(log.complaints.map(\.text) == ["bad key=value", "bad key=value", "bad key=value log.suppressed=2"])
        // All of them, for whoever looks closer.
        #expect(log.entries.filter { $0.level == .debug }.count == 4)
    }

    @Test(.timeLimit(.minutes(1))) func hundredsOfBadMessagesAreOneLine() async throws {
        let world = TestWorld()
        let service = try await world.service { message, _ in message }
        for _ in 1...500 {
            try world.broker.publish(IncomingMessage(kind: .command, method: "invented"), toQueue: "orders")
        }
        _ = try await world.broker.deadLetters(of: "orders", count: 500)
        world.testClock.advance(by: .seconds(1))
        try world.broker.publish(IncomingMessage(kind: .command, method: "invented"), toQueue: "orders")
        _ = try await world.broker.deadLetters(of: "orders", count: 501)
        await service.end()
        #expect(world.log.complaints.count == 2)
        #expect(world.log.complaints.last?.metadata["log.suppressed"] == "499")
        #expect(world.log.complaints.allSatisfy { $0.metadata["error.code"] == "unknown_method" })
    }
}
