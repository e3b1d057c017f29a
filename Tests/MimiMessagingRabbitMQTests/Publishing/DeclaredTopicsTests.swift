import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Declared topics", .timeLimit(.minutes(1)))
struct DeclaredTopicsTests {
    private let time = TestClock()
    private var clock: MessagingClock { MessagingClock(time) }
    private var soon: MessagingClock.Instant { clock.now.advanced(by: .seconds(1)) }

    @Test func eachIsDeclaredOnce() async throws {
        let declared = Lock<[String]>([])
        let topics = DeclaredTopics(clock: clock) { name in declared.withLock { $0.append(name) } }
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask { try await topics.ensure(number.isMultiple(of: 2) ? "users" : "orders", before: soon) }
            }
            try await group.waitForAll()
        }
        try await topics.ensure("users", before: soon)
        #expect(declared.withLock { $0 }.sorted() == ["orders", "users"])
    }

    @Test func aDeclarationThatTakesTooLongEndsTheWaitAtItsDeadline() async throws {
        let (answers, answer) = AsyncStream<Void>.makeStream()
        let topics = DeclaredTopics(clock: clock) { _ in for await _ in answers { return } }
        let wait = Task { try await topics.ensure("users", before: soon) }
        await time.waitForSleepers(1)
        time.advance(by: .seconds(1))
        let error = await #expect(throws: AMQPError.self) { try await wait.value }
        #expect(error?.kind == .timeout)
        // It goes on for those who have more time.
        async let other: Void = topics.ensure("users", before: soon)
        answer.yield()
        try await other
    }

    @Test func afterAFailureTheNextOneTriesAgain() async throws {
        let attempts = Lock(0)
        let topics = DeclaredTopics(clock: clock) { _ in
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            if attempt == 1 { throw AMQPError(.connectionLost, "gone") }
        }
        await #expect(throws: AMQPError.self) { try await topics.ensure("users", before: soon) }
        try await topics.ensure("users", before: soon)
        #expect(attempts.withLock { $0 } == 2)
    }
}
