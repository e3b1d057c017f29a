import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// The in-memory broker seen through its adapter.
@Suite(.timeLimit(.minutes(1))) struct MemoryBrokerTests {
    /// One side of the broker, without a bus.
    private struct Peer: Sendable {
        let adapter: MemoryAdapter
        let received = Journal<any Delivery>()

        init(_ broker: MemoryBroker, maximumBodySize: Int = 1_000) async throws {
            adapter = MemoryAdapter(
                broker: broker, context: AdapterContext(clock: broker.clock, maximumBodySize: maximumBodySize))
            try await adapter.start()
        }

        func subscribe(
            _ source: Subscription.Source, prefetch: Int? = 1, isSingleActive: Bool = false, priority: Int? = nil,
            arguments: [String: MessageValue] = [:]
        ) async throws -> any AdapterSubscription {
            try await adapter.subscribe(
                Subscription(
                    source: source, concurrency: 1, prefetch: prefetch, isSingleActive: isSingleActive, priority: priority,
                    queueArguments: arguments)
            ) { [received] in received.note($0) }
        }

        /// The delivery with a certain position.
        func delivery(_ index: Int) async throws -> any Delivery { try await received.wait(for: index + 1)[index] }

        var ids: [String] { received.entries.compactMap(\.message.id) }
    }

    private let clock = TestClock()
    private let broker: MemoryBroker

    init() { broker = MemoryBroker(clock: MessagingClock(clock)) }

    private func after(_ seconds: Int) -> MessagingClock.Instant { broker.clock.now.advanced(by: .seconds(seconds)) }

    private func message(_ kind: MessageKind = .command, id: String = "1", body: [UInt8] = []) -> OutgoingMessage {
        OutgoingMessage(
            kind: kind, id: id, method: "do", target: "orders/do", headers: ["a": "b"], body: body,
            contentType: "application/json", appID: "shop")
    }

    private func reply(_ body: [UInt8] = [], failure: FailureRecord? = nil) -> Settlement {
        .reply(
            OutgoingMessage(
                kind: .reply, id: "r", method: "", target: "", body: body, contentType: "application/json",
                failure: failure))
    }

    private func send(_ ids: [String], from peer: Peer, to queue: String = "orders") async throws {
        for id in ids { try await peer.adapter.command(message(id: id), to: queue, deadline: after(15)) }
    }

    @Test func aMessageArrivesAsItWasSent() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await peer.adapter.command(message(body: [0, 255]), to: "orders", deadline: after(15))
        let delivery = try await peer.delivery(0)
        #expect(delivery.isCurrent)
        let message = delivery.message
        #expect(message.kind == .command)
        #expect(message.id == "1")
        #expect(message.method == "do")
        #expect(message.headers == ["a": "b"])
        #expect(message.body == [0, 255])
        #expect(message.contentType == "application/json")
        #expect(message.appID == "shop")
        #expect(message.attempt == 1)
        #expect(!message.isRedelivered)
        #expect(message.deadline == nil)
        #expect(try #require(message.sentAt) > 1_700_000_000)
        #expect(broker.depth(of: "orders") == .init(unsettled: 1))
        await delivery.settle(.accept)
        #expect(!delivery.isCurrent)
        #expect(broker.depth(of: "orders") == .init())
    }

    @Test func aQueueExistsOnceItWasSubscribedTo() async throws {
        let peer = try await Peer(broker)
        try await expectError(.unroutable) { try await send(["1"], from: peer) }
        try await expectError(.unroutable) {
            try await peer.adapter.query(message(.query), to: "orders", deadline: after(15))
        }
        try await expectError(.unroutable) { try broker.publish(IncomingMessage(kind: .command), toQueue: "orders") }
        #expect(broker.depth(of: "orders") == nil)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        try await send(["1"], from: peer)
        #expect(broker.depth(of: "orders") == .init(ready: 1))
        #expect(clock.sleepers == 0)
    }

    @Test func messagesWaitForTheirProcessor() async throws {
        let sender = try await Peer(broker)
        let first = try await Peer(broker)
        await (try await first.subscribe(.requests(queue: "orders"))).cancel()
        await first.adapter.stop(deadline: after(0))
        try await send(["1", "2", "3"], from: sender)
        let second = try await Peer(broker)
        _ = try await second.subscribe(.requests(queue: "orders"), prefetch: 10)
        try await second.received.wait(for: 3)
        #expect(second.ids == ["1", "2", "3"])
        #expect(first.ids.isEmpty)
    }

    @Test func noMoreThanPrefetchAreUnsettled() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"), prefetch: 2)
        try await send(["1", "2", "3"], from: peer)
        try await peer.received.wait(for: 2)
        #expect(broker.depth(of: "orders") == .init(ready: 1, unsettled: 2))
        await (try await peer.delivery(1)).settle(.accept)
        #expect(try await peer.delivery(2).message.id == "3")
        #expect(broker.depth(of: "orders") == .init(unsettled: 2))
    }

    @Test func whatALinkDidNotSettleComesBackInItsPlace() async throws {
        let sender = try await Peer(broker)
        let first = try await Peer(broker)
        _ = try await first.subscribe(.requests(queue: "orders"), prefetch: 2)
        try await send(["1", "2", "3"], from: sender)
        try await first.received.wait(for: 2)
        await first.adapter.stop(deadline: after(0))
        let lost = try await first.delivery(0)
        #expect(!lost.isCurrent)
        #expect(broker.depth(of: "orders") == .init(ready: 3))
        await lost.settle(.accept)
        #expect(broker.depth(of: "orders") == .init(ready: 3))
        let second = try await Peer(broker)
        _ = try await second.subscribe(.requests(queue: "orders"), prefetch: 10)
        let messages = try await second.received.wait(for: 3).map(\.message)
        #expect(messages.map(\.id) == ["1", "2", "3"])
        #expect(messages.map(\.isRedelivered) == [true, true, false])
        #expect(messages.map(\.attempt) == [1, 1, 1])
    }

    @Test func aCancelledSubscriptionMaySettleWhatItHas() async throws {
        let peer = try await Peer(broker)
        let subscription = try await peer.subscribe(.requests(queue: "orders"), prefetch: 2)
        try await send(["1", "2", "3"], from: peer)
        try await peer.received.wait(for: 2)
        await subscription.cancel()
        await subscription.cancel()
        let first = try await peer.delivery(0)
        #expect(first.isCurrent)
        await first.settle(.accept)
        await (try await peer.delivery(1)).settle(.giveBack)
        #expect(broker.depth(of: "orders") == .init(ready: 2))
        #expect(peer.ids == ["1", "2"])
    }

    @Test func aSettlementCountsOnce() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await send(["1"], from: peer)
        let delivery = try await peer.delivery(0)
        await delivery.settle(.accept)
        await delivery.settle(.giveBack)
        await delivery.settle(.deadLetter(FailureRecord(code: "a", message: "b"), reply: nil))
        #expect(broker.depth(of: "orders") == .init())
        #expect(broker.deadLetters(of: "orders").isEmpty)
    }

    @Test func aRetryWaitsForItsTime() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"), prefetch: 10)
        try await send(["1", "2"], from: peer)
        try await peer.received.wait(for: 2)
        await (try await peer.delivery(0)).settle(.retry(after: .seconds(5), failure: nil))
        await (try await peer.delivery(1)).settle(.retry(after: .seconds(1), failure: nil))
        #expect(broker.depth(of: "orders") == .init(delayed: 2))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(1))
        let second = try await peer.delivery(2).message
        #expect(second.id == "2")
        #expect(second.attempt == 2)
        #expect(!second.isRedelivered)
        #expect(broker.depth(of: "orders") == .init(delayed: 1, unsettled: 1))
        clock.advance(by: .milliseconds(3_999))
        #expect(broker.depth(of: "orders") == .init(delayed: 1, unsettled: 1))
        clock.advance(by: .milliseconds(1))
        #expect(try await peer.delivery(3).message.id == "1")
        #expect(broker.depth(of: "orders") == .init(unsettled: 2))
    }

    @Test func aRetryWithoutDelayGoesToTheEnd() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await send(["1", "2"], from: peer)
        await (try await peer.delivery(0)).settle(.retry(after: .zero, failure: nil))
        await (try await peer.delivery(1)).settle(.accept)
        try await peer.received.wait(for: 3)
        #expect(peer.ids == ["1", "2", "1"])
        #expect(clock.sleepers == 0)
    }

    @Test func delaysSurviveTheStopOfABus() async throws {
        let first = try await Peer(broker)
        _ = try await first.subscribe(.requests(queue: "orders"))
        try await send(["1"], from: first)
        await (try await first.delivery(0)).settle(.retry(after: .seconds(5), failure: nil))
        await first.adapter.stop(deadline: after(0))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        try await broker.depth(of: "orders") { $0.ready == 1 }
        let second = try await Peer(broker)
        _ = try await second.subscribe(.requests(queue: "orders"))
        #expect(try await second.delivery(0).message.attempt == 2)
    }

    @Test func theHighestAttemptNumberIsNoTrap() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try broker.publish(IncomingMessage(kind: .command, attempt: .max), toQueue: "orders")
        await (try await peer.delivery(0)).settle(.retry(after: .zero, failure: nil))
        #expect(try await peer.delivery(1).message.attempt == .max)
    }

    @Test func deadLettersCanBeLookedAtAndTaken() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        #expect(broker.depth(of: "orders.dead") == .init())
        let foreign = IncomingMessage(
            kind: .command, id: "x", method: "do", headers: ["a": "b"], body: [0xFF], contentType: "text/plain", attempt: 3)
        try broker.publish(foreign, toQueue: "orders")
        clock.advance(by: .seconds(7))
        let failure = FailureRecord(code: "serialization", message: "no JSON")
        await (try await peer.delivery(0)).settle(.deadLetter(failure, reply: nil))
        let letter = try #require(try await broker.deadLetters(of: "orders", count: 1).first)
        #expect(letter.failure == failure)
        #expect(letter.time == broker.clock.now)
        #expect(letter.message.id == "x")
        #expect(letter.message.body == [0xFF])
        #expect(letter.message.contentType == "text/plain")
        #expect(letter.message.headers == ["a": "b"])
        #expect(letter.message.attempt == 3)
        #expect(broker.depth(of: "orders.dead") == .init(ready: 1))
        #expect(broker.takeDeadLetters(of: "orders").count == 1)
        #expect(broker.deadLetters(of: "orders").isEmpty)
        #expect(broker.takeDeadLetters(of: "nothing").isEmpty)
    }

    @Test func deadLettersCanBeProcessedAgain() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await send(["1"], from: peer)
        await (try await peer.delivery(0)).settle(.deadLetter(FailureRecord(code: "a", message: "b"), reply: nil))
        let repairer = try await Peer(broker)
        _ = try await repairer.subscribe(.requests(queue: "orders.dead"))
        #expect(try await repairer.delivery(0).message.id == "1")
    }

    @Test func eventsReachEveryQueueAndEveryListener() async throws {
        let sender = try await Peer(broker)
        try await sender.adapter.event(message(.event, id: "0"), to: "users", deadline: after(15))
        let shared = [try await Peer(broker), try await Peer(broker)]
        for peer in shared { _ = try await peer.subscribe(.events(topic: "users", queue: "billing")) }
        let audit = try await Peer(broker)
        _ = try await audit.subscribe(.events(topic: "users", queue: "audit"), prefetch: 10)
        let listeners = [try await Peer(broker), try await Peer(broker)]
        var subscriptions: [any AdapterSubscription] = []
        for peer in listeners { subscriptions.append(try await peer.subscribe(.events(topic: "users", queue: nil))) }
        for id in ["1", "2"] { try await sender.adapter.event(message(.event, id: id), to: "users", deadline: after(15)) }
        try await audit.received.wait(for: 2)
        for peer in shared { try await peer.received.wait(for: 1) }
        #expect(Set(shared.flatMap(\.ids)) == ["1", "2"])
        for peer in listeners {
            await (try await peer.delivery(0)).settle(.accept)
            try await peer.received.wait(for: 2)
            #expect(peer.ids == ["1", "2"])
        }
        for subscription in subscriptions { await subscription.cancel() }
        try await sender.adapter.event(message(.event, id: "3"), to: "users", deadline: after(15))
        try await audit.received.wait(for: 3)
        #expect(listeners.flatMap(\.ids).count == 4)
    }

    @Test func aListenersQueueGoesWithIt() async throws {
        let peer = try await Peer(broker)
        let subscription = try await peer.subscribe(.events(topic: "users", queue: nil))
        for id in ["1", "2"] { try await peer.adapter.event(message(.event, id: id), to: "users", deadline: after(15)) }
        let delivery = try await peer.delivery(0)
        await subscription.cancel()
        await delivery.settle(.giveBack)
        broker.look { state in
            #expect(state.queues.isEmpty)
            #expect(state.topics.isEmpty)
            #expect(state.unsettled.isEmpty)
        }
    }

    @Test func aQueueIsNotDeclaredOtherwise() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"), arguments: ["x-max-length": 10])
        let other = try await expectError(.topology) {
            try await peer.subscribe(.requests(queue: "orders"), isSingleActive: true, arguments: ["x-max-length": 20])
        }
        #expect(other.message.contains("single active consumer"))
        #expect(other.message.contains("'x-max-length'"))
        #expect(other.target == "orders")
        try await expectError(.topology) { try await peer.subscribe(.requests(queue: "orders")) }
        _ = try await peer.subscribe(.requests(queue: "orders"), arguments: ["x-max-length": 10])
    }

    @Test func oneActiveConsumerAtATime() async throws {
        let sender = try await Peer(broker)
        let peers = [try await Peer(broker), try await Peer(broker)]
        var subscriptions: [any AdapterSubscription] = []
        for peer in peers {
            subscriptions.append(try await peer.subscribe(.requests(queue: "orders"), isSingleActive: true))
        }
        try await send(["1", "2", "3"], from: sender)
        await (try await peers[0].delivery(0)).settle(.accept)
        try await peers[0].received.wait(for: 2)
        await subscriptions[0].cancel()
        #expect(try await peers[1].delivery(0).message.id == "3")
        #expect(peers[0].ids == ["1", "2"])
    }

    @Test func aQueryGetsItsReply() async throws {
        let asker = try await Peer(broker)
        let answerer = try await Peer(broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        async let answer = asker.adapter.query(message(.query), to: "orders", deadline: after(15))
        let delivery = try await answerer.delivery(0)
        #expect(delivery.message.kind == .query)
        #expect(delivery.message.deadline == after(15))
        await delivery.settle(reply([1, 2, 3]))
        let reply = try await answer
        #expect(reply.kind == .reply)
        #expect(reply.body == [1, 2, 3])
        #expect(reply.failure == nil)
        #expect(broker.depth(of: "orders") == .init())
        broker.look { #expect($0.timers.next == nil) }
    }

    @Test func aDeadLetteredQueryIsAnswered() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        async let answer = peer.adapter.query(message(.query), to: "orders", deadline: after(15))
        let failure = FailureRecord(code: "unknown_method", message: "unknown")
        guard case .reply(let reply) = reply(failure: failure) else { return }
        await (try await peer.delivery(0)).settle(.deadLetter(failure, reply: reply))
        #expect(try await answer.failure == failure)
        let letter = try #require(broker.deadLetters(of: "orders").first)
        #expect(letter.message.deadline == nil)
        clock.advance(by: .seconds(3600))
        #expect(broker.deadLetters(of: "orders").count == 1)
    }

    @Test func aQueryEndsAtItsDeadlineAndIsNeverHandled() async throws {
        let peer = try await Peer(broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let query = Task { try await peer.adapter.query(message(.query), to: "orders", deadline: after(15)) }
        await clock.waitForSleepers(1)
        #expect(broker.depth(of: "orders") == .init(ready: 1))
        clock.advance(by: .seconds(15))
        try await expectError(.timeout) { try await query.value }
        #expect(broker.depth(of: "orders") == .init())
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await send(["after"], from: peer)
        #expect(try await peer.delivery(0).message.id == "after")
    }

    @Test func anExpiredRetryIsNotHandled() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let query = Task { try await peer.adapter.query(message(.query), to: "orders", deadline: after(3)) }
        await (try await peer.delivery(0)).settle(.retry(after: .seconds(5), failure: nil))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        try await expectError(.timeout) { try await query.value }
        try await broker.depth(of: "orders") { $0 == .init() }
        #expect(peer.ids.count == 1)
    }

    @Test func aLateReplyIsDropped() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let query = Task { try await peer.adapter.query(message(.query), to: "orders", deadline: after(3)) }
        let delivery = try await peer.delivery(0)
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(3))
        try await expectError(.timeout) { try await query.value }
        await delivery.settle(reply([1]))
        #expect(broker.depth(of: "orders") == .init())
    }

    @Test func theSecondReplyIsDropped() async throws {
        let asker = try await Peer(broker)
        let first = try await Peer(broker)
        _ = try await first.subscribe(.requests(queue: "orders"))
        async let answer = asker.adapter.query(message(.query), to: "orders", deadline: after(15))
        let delivery = try await first.delivery(0)
        // The first processor answers, but its link goes before the query is settled.
        await first.adapter.stop(deadline: after(0))
        let second = try await Peer(broker)
        _ = try await second.subscribe(.requests(queue: "orders"))
        let again = try await second.delivery(0)
        #expect(again.message.isRedelivered)
        await again.settle(reply([2]))
        await delivery.settle(reply([1]))
        #expect(try await answer.body == [2])
    }

    @Test func aReplyToNobodyIsDropped() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try broker.publish(IncomingMessage(kind: .query, method: "do"), toQueue: "orders")
        await (try await peer.delivery(0)).settle(reply())
        #expect(broker.depth(of: "orders") == .init())
    }

    @Test func cancellingAQueryFreesEverything() async throws {
        let peer = try await Peer(broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let query = Task { try await peer.adapter.query(message(.query), to: "orders", deadline: after(15)) }
        let delivery = try await peer.delivery(0)
        query.cancel()
        await #expect(throws: CancellationError.self) { try await query.value }
        broker.look { state in
            #expect(state.timers.next == nil)
            #expect(state.links.values.allSatisfy { $0.replies.waiting == 0 })
        }
        await delivery.settle(reply())
        #expect(broker.depth(of: "orders") == .init())
    }

    @Test func cancelledTasksSendNothing() async throws {
        let peer = try await Peer(broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let attempts: [@Sendable () async throws -> Void] = [
            { try await peer.adapter.command(message(), to: "orders", deadline: after(15)) },
            { _ = try await peer.adapter.query(message(.query), to: "orders", deadline: after(15)) },
            { try await peer.adapter.event(message(.event), to: "users", deadline: after(15)) },
            { _ = try await peer.subscribe(.requests(queue: "orders")) },
            { try await MemoryAdapter(broker: broker).start() },
        ]
        for attempt in attempts {
            await #expect(throws: CancellationError.self) { try await cancelledTask(attempt).value }
        }
        #expect(broker.depth(of: "orders") == .init())
    }

    @Test func whatIsTooLargeIsNotSent() async throws {
        let peer = try await Peer(broker, maximumBodySize: 10)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let large = Array(repeating: UInt8(0), count: 11)
        try await expectError(.messageTooLarge) {
            try await peer.adapter.command(message(body: large), to: "orders", deadline: after(15))
        }
        try await expectError(.messageTooLarge) {
            try await peer.adapter.query(message(.query, body: large), to: "orders", deadline: after(15))
        }
        try await expectError(.messageTooLarge) {
            try await peer.adapter.event(message(.event, body: large), to: "users", deadline: after(15))
        }
    }

    @Test func whatIsTooLargeIsDefective() async throws {
        let peer = try await Peer(broker, maximumBodySize: 10)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let large = Array(repeating: UInt8(1), count: 11)
        try broker.publish(IncomingMessage(kind: .command, body: large), toQueue: "orders")
        let delivery = try await peer.delivery(0)
        #expect(delivery.message.defect?.contains("11 bytes") == true)
        #expect(delivery.message.body.isEmpty)
        await delivery.settle(.deadLetter(FailureRecord(code: "invalid_message", message: ""), reply: nil))
        let letter = try #require(broker.deadLetters(of: "orders").first)
        #expect(letter.message.body == large)
        #expect(letter.message.defect == nil)
    }

    @Test func aReplyThatIsTooLargeFailsTheQuery() async throws {
        let asker = try await Peer(broker, maximumBodySize: 10)
        let answerer = try await Peer(broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        let query = Task { try await asker.adapter.query(message(.query), to: "orders", deadline: after(15)) }
        await (try await answerer.delivery(0)).settle(reply(Array(repeating: 0, count: 11)))
        try await expectError(.messageTooLarge) { try await query.value }
    }

    @Test func deadlinesThatPassedAreTimeouts() async throws {
        let peer = try await Peer(broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        for seconds in [0, -1] {
            try await expectError(.timeout) {
                try await peer.adapter.command(message(), to: "orders", deadline: after(seconds))
            }
            try await expectError(.timeout) {
                try await peer.adapter.query(message(.query), to: "orders", deadline: after(seconds))
            }
        }
        #expect(broker.depth(of: "orders") == .init())
    }

    @Test func stoppingWaitsForRepliesUntilItsDeadline() async throws {
        let asker = try await Peer(broker)
        let answerer = try await Peer(broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        let query = Task { try await asker.adapter.query(message(.query), to: "orders", deadline: after(15)) }
        let delivery = try await answerer.delivery(0)
        let stopped = Journal<Bool>()
        let stop = Task {
            await asker.adapter.stop(deadline: after(10))
            stopped.note(true)
        }
        try await broker.wait(until: { $0.links.values.contains { !$0.closing.isEmpty } })
        try await expectError(.notStarted) { try await send(["1"], from: asker) }
        try await expectError(.notStarted) { try await asker.subscribe(.requests(queue: "orders")) }
        #expect(stopped.entries.isEmpty)
        await delivery.settle(reply([7]))
        #expect(try await query.value.body == [7])
        await stop.value
        broker.look { #expect($0.timers.next == nil) }
    }

    @Test func stoppingFailsWhatStillWaits() async throws {
        let peer = try await Peer(broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let query = Task { try await peer.adapter.query(message(.query), to: "orders", deadline: after(15)) }
        try await broker.depth(of: "orders") { $0.ready == 1 }
        let stop = Task { await peer.adapter.stop(deadline: after(10)) }
        try await broker.wait(until: { $0.links.values.contains { !$0.closing.isEmpty } })
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        try await expectError(.connection) { try await query.value }
        await stop.value
        await peer.adapter.stop(deadline: after(10))
    }

    @Test func anAdapterStartsAgain() async throws {
        let peer = try await Peer(broker)
        try await peer.adapter.start()
        await peer.adapter.stop(deadline: after(0))
        try await expectError(.notStarted) { try await send(["1"], from: peer) }
        try await peer.adapter.start()
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await send(["1"], from: peer)
        try await peer.received.wait(for: 1)
        broker.look { #expect($0.links.count == 1) }
    }

    @Test func clocksOfBusesMayHaveBegunAtOtherTimes() async throws {
        clock.advance(by: .seconds(100))
        let context = AdapterContext(clock: MessagingClock(clock))
        let asker = MemoryAdapter(broker: broker, context: context)
        try await asker.start()
        let answerer = try await Peer(broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        let deadline = context.clock.now.advanced(by: .seconds(3))
        let query = Task { try await asker.query(message(.query), to: "orders", deadline: deadline) }
        #expect(try await answerer.delivery(0).message.deadline == after(3))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(3))
        try await expectError(.timeout) { try await query.value }
    }

    @Test func aBrokerThatIsGoneSleepsNoMore() async throws {
        let sleeping = TestClock()
        let settled = Journal<Bool>()
        weak var gone: MemoryBroker?
        do {
            let broker = MemoryBroker(clock: MessagingClock(sleeping))
            gone = broker
            let adapter = MemoryAdapter(broker: broker)
            try await adapter.start()
            _ = try await adapter.subscribe(Subscription(source: .requests(queue: "orders"), concurrency: 1)) { delivery in
                Task {
                    await delivery.settle(.retry(after: .seconds(600), failure: nil))
                    settled.note(true)
                }
            }
            let deadline = broker.clock.now.advanced(by: .seconds(15))
            try await adapter.command(message(), to: "orders", deadline: deadline)
            try await settled.wait(for: 1)
            await sleeping.waitForSleepers(1)
        }
        // The tasks that handed the delivery over and settled it end by themselves, and let go of the broker.
        while gone != nil { await Task.yield() }
        #expect(sleeping.sleepers == 0)
    }

    @Test func manyTasksLoseNothing() async throws {
        let peers = [try await Peer(broker), try await Peer(broker)]
        let done = Journal<String>()
        for peer in peers {
            _ = try await peer.adapter.subscribe(
                Subscription(source: .requests(queue: "orders"), concurrency: 10)
            ) { delivery in
                Task {
                    await delivery.settle(.accept)
                    done.note(delivery.message.id ?? "")
                }
            }
        }
        let sender = try await Peer(broker)
        try await withThrowingTaskGroup { group in
            for task in 0..<20 {
                group.addTask { try await send((0..<100).map { "\(task)-\($0)" }, from: sender) }
            }
            try await group.waitForAll()
        }
        let ids = try await done.wait(for: 2_000)
        #expect(Set(ids).count == 2_000)
        #expect(ids.count == 2_000)
        #expect(broker.depth(of: "orders") == .init())
    }
}
