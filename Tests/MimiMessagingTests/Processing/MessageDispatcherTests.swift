import Logging
import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// What a processor's outcome does, row by row.
@Suite struct MessageDispatcherTests {
    private struct DatabaseError: Error, CustomStringConvertible {
        var description: String { "password=hunter2" }
    }

    private let clock = TestClock()
    private let log = LogRecorder()

    private func settle(
        _ message: IncomingMessage, policy: RetryPolicy = .standard, retriesQueries: Bool = false,
        isDurable: Bool = true,
        options: MessagingOptions = [:],
        _ handler: @escaping @Sendable (Message, MessageContext) async throws -> Message?
    ) async throws -> Settlement {
        let environment = try BusEnvironment.make(options, clock: MessagingClock(clock), logger: log.logger)
        let handler = ClosureHandler { _, _, message, context in try await handler(message, context) }
        return await MessageDispatcher.make(
            handler, environment: environment, policy: policy, retriesQueries: retriesQueries, isDurable: isDurable
        ).process(message)
    }

    @Test(arguments: [(MessageKind.command, "accept"), (.event, "accept"), (.query, "reply {}")])
    func aProcessorThatReturns(kind: MessageKind, outcome: String) async throws {
        #expect(try await settle(.make(kind)) { _, _ in nil }.summary == outcome)
        #expect(log.complaints.isEmpty)
    }

    @Test func aQueryIsAnswered() async throws {
        let settlement = try await settle(.make(.query, body: "{\"id\":7}"), options: ["mq_app_id": "shop"]) {
            message, _ in
            Message(["id": message["id"] ?? .null], headers: ["a": "b"])
        }
        guard case .reply(let reply) = settlement else {
            Issue.record("\(settlement)")
            return
        }
        #expect(reply.kind == .reply)
        #expect(String(decoding: reply.body, as: UTF8.self) == "{\"id\":7}")
        #expect(reply.contentType == "application/json")
        #expect(reply.headers == ["a": "b"])
        #expect(reply.failure == nil)
        #expect(reply.appID == "shop")
        #expect(!reply.id.isEmpty)
    }

    @Test(arguments: [MessageKind.command, .event, .query])
    func aNACKIsDeliveredAgainInSilence(kind: MessageKind) async throws {
        let policy = RetryPolicy(maximumAttempts: 2, immediateRetries: 1, delays: [.seconds(1), .seconds(5)])
        for (attempt, delay) in [(1, 1.0), (2, 5.0), (100, 5.0)] {
            let settlement = try await settle(.make(kind, attempt: attempt), policy: policy) { _, _ in throw NACK() }
            #expect(settlement.summary == "retry after \(delay) seconds")
        }
        #expect(log.entries.isEmpty)
    }

    /// Its asker would be gone when it comes again.
    @Test func aQueryIsNotDeliveredAgainForNobody() async throws {
        let policy = RetryPolicy(maximumAttempts: 3, delays: [.seconds(5)])
        let now = MessagingClock(clock).now
        for (seconds, nacked, failed) in [
            (5, "accept", "reply failure error"), (6, "retry after 5.0 seconds", "retry after 5.0 seconds error"),
        ] {
            let query = IncomingMessage.make(.query, deadline: now.advanced(by: .seconds(seconds)))
            #expect(try await settle(query, policy: policy) { _, _ in throw NACK() }.summary == nacked)
            let settlement = try await settle(query, policy: policy, retriesQueries: true) { _, _ in
                throw DatabaseError()
            }
            #expect(settlement.summary == failed)
        }
    }

    @Test(arguments: [MessageKind.command, .event])
    func aFailureIsRetriedAndThenDeadLettered(kind: MessageKind) async throws {
        let policy = RetryPolicy(maximumAttempts: 3, delays: [.seconds(1), .seconds(5)])
        var outcomes: [String] = []
        for attempt in 1...4 {
            outcomes.append(
                try await settle(.make(kind, attempt: attempt), policy: policy) { _, _ in throw DatabaseError() }
                    .summary)
        }
        #expect(
            outcomes == [
                "retry after 1.0 seconds error", "retry after 5.0 seconds error", "dead letter error",
                "dead letter error",
            ])
        #expect(log.complaints.map(\.level) == [.warning, .warning, .error, .error])
        #expect(log.complaints.allSatisfy { $0.metadata["messaging.message.id"] == "id-1" })
    }

    @Test func aFinalErrorIsNotRetried() async throws {
        let error = ProcessingError(code: "no_such_order", message: "no", isFinal: true)
        #expect(try await settle(.make()) { _, _ in throw error }.summary == "dead letter no_such_order")
    }

    @Test func theAskerIsToldAtOnce() async throws {
        let error = ProcessingError(code: "order_not_found", message: "no such order")
        let settlement = try await settle(.make(.query)) { _, _ in throw error }
        guard case .reply(let reply) = settlement else {
            Issue.record("\(settlement)")
            return
        }
        #expect(reply.failure == FailureRecord(code: "order_not_found", message: "no such order"))
        #expect(log.complaints.map(\.level) == [.warning])
    }

    @Test func aForeignErrorShowsTheAskerNoDescription() async throws {
        let settlement = try await settle(.make(.query)) { _, _ in throw DatabaseError() }
        guard case .reply(let reply) = settlement else {
            Issue.record("\(settlement)")
            return
        }
        #expect(reply.failure?.code == "error")
        #expect(reply.failure?.message.contains("hunter2") == false)
        #expect(!String(decoding: reply.body, as: UTF8.self).contains("hunter2"))
    }

    @Test func aQueryIsRetriedOnDemand() async throws {
        let policy = RetryPolicy(maximumAttempts: 2, delays: [.seconds(1)])
        let first = try await settle(.make(.query), policy: policy, retriesQueries: true) { _, _ in
            throw DatabaseError()
        }
        #expect(first.summary == "retry after 1.0 seconds error")
        let last = try await settle(.make(.query, attempt: 2), policy: policy, retriesQueries: true) { _, _ in
            throw DatabaseError()
        }
        #expect(last.summary == "dead letter error reply failure error")
    }

    @Test(arguments: [(MessageKind.command, ""), (.event, ""), (.query, " reply failure")])
    func whatCanNeverWorkIsDeadLetteredAtOnce(kind: MessageKind, reply: String) async throws {
        func outcome(_ message: IncomingMessage) async throws -> String {
            try await settle(message) { message, context in
                try message.refuseUnreadable()
                throw RefusedMessage(error: .unknown(method: "do", target: context.target))
            }.summary
        }
        func expected(_ code: String) -> String { "dead letter \(code)" + (reply.isEmpty ? "" : "\(reply) \(code)") }
        #expect(try await outcome(.make(kind, body: "no JSON")) == expected("serialization"))
        #expect(try await outcome(.make(kind, body: "[]")) == expected("serialization"))
        #expect(try await outcome(.make(kind)) == expected("unknown_method"))
        #expect(try await outcome(.make(kind, method: nil)) == expected("unknown_method"))
        var foreign = IncomingMessage.make(kind)
        foreign.contentType = "image/png"
        #expect(try await outcome(foreign) == expected("serialization"))
        var defective = IncomingMessage.make(kind)
        defective.defect = "too many headers"
        #expect(try await outcome(defective) == expected("invalid_message"))
        #expect(log.complaints.count == 6)
        #expect(log.complaints.allSatisfy { $0.level == .error })
    }

    @Test func aReplyIsNoRequest() async throws {
        let settlement = try await settle(.make(.reply)) { _, _ in nil }
        #expect(settlement.summary == "dead letter invalid_message")
    }

    @Test func withoutAQueueWhatFailsIsGone() async throws {
        func outcome(_ message: IncomingMessage, _ error: any Error) async throws -> String {
            try await settle(message, isDurable: false) { _, _ in throw error }.summary
        }
        #expect(try await outcome(.make(.event), DatabaseError()) == "accept")
        #expect(try await outcome(.make(.event), ProcessingError(code: "a", message: "b", isFinal: true)) == "accept")
        #expect(try await outcome(.make(.event, method: nil), DatabaseError()) == "accept")
        #expect(log.complaints.map(\.level) == [.error, .error, .error])
        #expect(try await outcome(.make(.event), NACK()) == "accept")
        #expect(log.complaints.count == 3)
    }

    @Test func anExpiredQueryIsNotHandled() async throws {
        let now = MessagingClock(clock).now
        let settlement = try await settle(.make(.query, deadline: now)) { _, _ in
            Issue.record("handled")
            return nil
        }
        #expect(settlement.summary == "accept")
        #expect(log.complaints.isEmpty)
        let later = now.advanced(by: .nanoseconds(1))
        #expect(try await settle(.make(.query, deadline: later)) { _, _ in nil }.summary == "reply {}")
    }

    @Test func aCancelledHandlerGivesItsMessageBack() async throws {
        let gate = Gate()
        let began = Journal<Bool>()
        let task = Task {
            try await settle(.make()) { _, _ in
                began.note(true)
                try await gate.wait()
                return nil
            }
        }
        try await began.wait(for: 1)
        task.cancel()
        #expect(try await task.value.summary == "give back")
        #expect(log.complaints.isEmpty)
    }

    @Test func aCancellationThatIsNotOursIsAFailure() async throws {
        let settlement = try await settle(.make()) { _, _ in throw CancellationError() }
        #expect(settlement.summary == "retry after 1.0 seconds error")
    }

    @Test func theDeadlineIsInherited() async throws {
        let deadline = MessagingClock(clock).now.advanced(by: .seconds(5))
        _ = try await settle(.make(.query, deadline: deadline)) { _, context in
            #expect(InheritedDeadline.current == deadline)
            #expect(context.deadline == deadline)
            return nil
        }
        try await InheritedDeadline.$current.withValue(deadline) {
            _ = try await settle(.make()) { _, _ in
                #expect(InheritedDeadline.current == nil)
                return nil
            }
        }
    }

    @Test func anAnswerThatCannotBeSentIsAFailure() async throws {
        let wrong = try await settle(.make(.query)) { _, _ in Message(encoding: [1]) }
        #expect(wrong.summary == "reply failure serialization")
        let large = try await settle(.make(.query), options: ["mq_max_body_size": 10]) { _, _ in ["text": "0123456789"]
        }
        #expect(large.summary == "reply failure message_too_large")
        let named = try await settle(.make(.query)) { _, _ in Message([:], headers: ["__attempt": "1"]) }
        #expect(named.summary == "reply failure invalid_message")
    }

    @Test func theContextSaysWhatIsKnown() async throws {
        var message = IncomingMessage.make(.event, method: "locked", attempt: 3)
        message.headers = ["a": "b"]
        message.isRedelivered = true
        message.sentAt = 12
        message.appID = "shop"
        _ = try await settle(message) { message, context in
            #expect(context.kind == .event)
            #expect(context.target == "orders#locked")
            #expect(context.headers == ["a": "b"])
            #expect(message.headers == ["a": "b"])
            #expect(context.messageID == "id-1")
            #expect(context.attempt == 3)
            #expect(context.isRedelivered)
            #expect(context.deadline == nil)
            #expect(context.sentAt == 12)
            #expect(context.senderAppID == "shop")
            context.logger.info("hello")
            return nil
        }
        let entry = try #require(log.entries.first { $0.message == "hello" })
        #expect(entry.metadata["messaging.target"] == "orders#locked")
        #expect(entry.metadata["messaging.message.id"] == "id-1")
        #expect(entry.metadata["messaging.attempt"] == "3")
    }

    @Test func whatPeersSendIsEscapedInTheLog() async throws {
        var message = IncomingMessage.make(.command, method: "do\nERROR forged")
        message.id = "\u{1B}[2J"
        _ = try await settle(message) { message, context in
            throw RefusedMessage(error: .unknown(method: "x\ny", target: ""))
        }
        #expect(!log.entries.isEmpty)
        for entry in log.entries { #expect(!entry.text.unicodeScalars.contains { $0.value < 0x20 }) }
    }
}
