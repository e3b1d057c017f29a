import Logging
import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Waiting for replies", .timeLimit(.minutes(1)))
struct PendingRepliesTests {
    private struct Refused: Error {}
    private typealias Completion = @Sendable (Result<Void, any Error>) -> Void

    private let clock = MessagingClock(TestClock())
    private let pending: PendingReplies
    private let sent = Journal<Completion>()
    private let givenUp = Journal<String>()

    init() {
        pending = PendingReplies(
            clock: clock, logger: Logger(label: "replies") { _ in SwiftLogNoOpLogHandler() },
            observer: SilentObserver())
    }

    /// Asks, and returns when the query is being sent.
    private func ask() async throws -> (query: Task<IncomingMessage, any Error>, sent: Completion) {
        let deadline = clock.now.advanced(by: .seconds(15))
        let query = Task { [pending, sent, givenUp] in
            try await pending.reply(to: "id", before: deadline) { completion in
                sent.note(completion)
                return { givenUp.note("given up") }
            }
        }
        return (query, try await sent.wait(for: 1)[0])
    }

    private func reply() { pending.received(("id", IncomingMessage(kind: .reply))) }

    @Test func theReplyMayComeBeforeTheConfirm() async throws {
        let (query, sent) = try await ask()
        reply()
        #expect(try await query.value.kind == .reply)
        sent(.success(()))
        #expect(givenUp.entries.isEmpty)
    }

    @Test func aQueryThatCannotBeSentEndsAtOnce() async throws {
        let (query, sent) = try await ask()
        sent(.failure(Refused()))
        await #expect(throws: Refused.self) { try await query.value }
    }

    @Test func aCancelledQueryIsGivenUp() async throws {
        let (query, _) = try await ask()
        query.cancel()
        await #expect(throws: CancellationError.self) { try await query.value }
        #expect(givenUp.entries == ["given up"])
    }

    @Test func aQueryThatWasTakenIsLostWithTheChannel() async throws {
        let (query, sent) = try await ask()
        sent(.success(()))
        pending.lose()
        let error = await #expect(throws: AMQPError.self) { try await query.value }
        #expect(error?.kind == PendingReplies.lost.kind)
    }

    /// What the broker says about a message that it refuses is worth more than that the channel is gone.
    @Test func aQueryOnItsWayHearsFromItsPublish() async throws {
        let (query, sent) = try await ask()
        pending.lose()
        sent(.failure(Refused()))
        await #expect(throws: Refused.self) { try await query.value }
    }

    @Test func aQueryThatIsTakenTooLateIsLost() async throws {
        let (query, sent) = try await ask()
        pending.lose()
        sent(.success(()))
        let error = await #expect(throws: AMQPError.self) { try await query.value }
        #expect(error?.kind == PendingReplies.lost.kind)
    }
}
