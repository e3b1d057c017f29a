import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Queries and their replies through the in-memory broker.
@Suite(.timeLimit(.minutes(1))) struct MemoryQueryTests {
    private let fixture = BrokerFixture()

    @Test func aQueryGetsItsReply() async throws {
        let asker = try await Peer(fixture.broker)
        let answerer = try await Peer(fixture.broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        async let answer = asker.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        let delivery = try await answerer.delivery(0)
        #expect(delivery.message.kind == .query)
        #expect(delivery.message.deadline == fixture.after(15))
        await delivery.settle(.reply(fixture.reply([1, 2, 3])))
        let reply = try await answer
        #expect(reply.kind == .reply)
        #expect(reply.body == [1, 2, 3])
        #expect(reply.failure == nil)
        #expect(fixture.broker.depth(of: "orders") == .init())
        fixture.broker.look { #expect($0.timers.next == nil) }
    }

    @Test func aDeadLetteredQueryIsAnswered() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        async let answer = peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        let failure = FailureRecord(code: "unknown_method", message: "unknown")
        let reply = fixture.reply(failure: failure)
        await (try await peer.delivery(0)).settle(.deadLetter(failure, reply: reply))
        #expect(try await answer.failure == failure)
        let letter = try #require(fixture.broker.deadLetters(of: "orders").first)
        #expect(letter.message.deadline == nil)
        fixture.clock.advance(by: .seconds(3600))
        #expect(fixture.broker.deadLetters(of: "orders").count == 1)
    }

    @Test func aQueryEndsAtItsDeadlineAndIsNeverHandled() async throws {
        let peer = try await Peer(fixture.broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let query = Task {
            try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        }
        await fixture.clock.waitForSleepers(1)
        #expect(fixture.broker.depth(of: "orders") == .init(ready: 1))
        fixture.clock.advance(by: .seconds(15))
        try await expectError(.timeout) { try await query.value }
        #expect(fixture.broker.depth(of: "orders") == .init())
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await fixture.send(["after"], from: peer)
        #expect(try await peer.delivery(0).message.id == "after")
    }

    @Test func anExpiredRetryIsNotHandled() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let query = Task {
            try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(3))
        }
        await (try await peer.delivery(0)).settle(.retry(after: .seconds(5), failure: nil))
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .seconds(5))
        try await expectError(.timeout) { try await query.value }
        try await fixture.broker.depth(of: "orders") { $0 == .init() }
        #expect(peer.ids.count == 1)
    }

    @Test func aLateReplyIsDropped() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let query = Task {
            try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(3))
        }
        let delivery = try await peer.delivery(0)
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .seconds(3))
        try await expectError(.timeout) { try await query.value }
        await delivery.settle(.reply(fixture.reply([1])))
        #expect(fixture.broker.depth(of: "orders") == .init())
    }

    @Test func aReplyOverALinkThatIsGoneIsDropped() async throws {
        let asker = try await Peer(fixture.broker)
        let first = try await Peer(fixture.broker)
        _ = try await first.subscribe(.requests(queue: "orders"))
        async let answer = asker.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        let delivery = try await first.delivery(0)
        // The first processor answers, but its link goes before the query is settled.
        await first.adapter.stop(deadline: fixture.after(0))
        let second = try await Peer(fixture.broker)
        _ = try await second.subscribe(.requests(queue: "orders"))
        let again = try await second.delivery(0)
        #expect(again.message.isRedelivered)
        await again.settle(.reply(fixture.reply([2])))
        await delivery.settle(.reply(fixture.reply([1])))
        #expect(try await answer.body == [2])
    }

    @Test func theSecondReplyIsDropped() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        async let answer = peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        try await peer.received.wait(for: 1)
        let address = try #require(fixture.broker.look { $0.unsettled.values.first?.message.replyAddress })
        for body in [1, 2] as [UInt8] {
            fixture.broker.change { state, now in state.answer(address, fixture.reply([body]), at: now) }
        }
        #expect(try await answer.body == [1])
    }

    @Test func aReplyToNobodyIsDropped() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try fixture.broker.publish(IncomingMessage(kind: .query, method: "do"), toQueue: "orders")
        await (try await peer.delivery(0)).settle(.reply(fixture.reply()))
        #expect(fixture.broker.depth(of: "orders") == .init())
    }

    @Test func cancellingAQueryFreesEverything() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let query = Task {
            try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        }
        let delivery = try await peer.delivery(0)
        query.cancel()
        await #expect(throws: CancellationError.self) { try await query.value }
        fixture.broker.look { state in
            #expect(state.timers.next == nil)
            #expect(state.links.values.allSatisfy { $0.replies.waiting == 0 })
        }
        await delivery.settle(.reply(fixture.reply()))
        #expect(fixture.broker.depth(of: "orders") == .init())
    }

    @Test func aReplyThatIsTooLargeFailsTheQuery() async throws {
        let asker = try await Peer(fixture.broker, maximumBodySize: 10)
        let answerer = try await Peer(fixture.broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        let query = Task {
            try await asker.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        }
        await (try await answerer.delivery(0)).settle(.reply(fixture.reply(Array(repeating: 0, count: 11))))
        try await expectError(.messageTooLarge) { try await query.value }
    }

    @Test func clocksOfBusesMayHaveBegunAtOtherTimes() async throws {
        fixture.clock.advance(by: .seconds(100))
        let context = AdapterContext(clock: MessagingClock(fixture.clock))
        let asker = MemoryAdapter(broker: fixture.broker, context: context)
        try await asker.start()
        let answerer = try await Peer(fixture.broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        let deadline = context.clock.now.advanced(by: .seconds(3))
        let query = Task { try await asker.query(fixture.message(.query), to: "orders", deadline: deadline) }
        #expect(try await answerer.delivery(0).message.deadline == fixture.after(3))
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .seconds(3))
        try await expectError(.timeout) { try await query.value }
    }
}
