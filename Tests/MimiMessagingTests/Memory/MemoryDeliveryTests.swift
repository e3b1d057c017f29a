import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Commands through the in-memory broker, without a bus.
@Suite(.timeLimit(.minutes(1))) struct MemoryDeliveryTests {
    private let fixture = BrokerFixture()

    @Test func aMessageArrivesAsItWasSent() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await peer.adapter.command(fixture.message(body: [0, 255]), to: "orders", deadline: fixture.after(15))
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
        #expect(fixture.broker.depth(of: "orders") == .init(unsettled: 1))
        await delivery.settle(.accept)
        #expect(!delivery.isCurrent)
        #expect(fixture.broker.depth(of: "orders") == .init())
    }

    @Test func aQueueExistsOnceItWasSubscribedTo() async throws {
        let peer = try await Peer(fixture.broker)
        try await expectError(.unroutable) { try await fixture.send(["1"], from: peer) }
        try await expectError(.unroutable) {
            try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        }
        try await expectError(.unroutable) {
            try fixture.broker.publish(IncomingMessage(kind: .command), toQueue: "orders")
        }
        #expect(fixture.broker.depth(of: "orders") == nil)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        try await fixture.send(["1"], from: peer)
        #expect(fixture.broker.depth(of: "orders") == .init(ready: 1))
        #expect(fixture.clock.sleepers == 0)
    }

    @Test func messagesWaitForTheirProcessor() async throws {
        let sender = try await Peer(fixture.broker)
        let first = try await Peer(fixture.broker)
        await (try await first.subscribe(.requests(queue: "orders"))).cancel()
        await first.adapter.stop(deadline: fixture.after(0))
        try await fixture.send(["1", "2", "3"], from: sender)
        let second = try await Peer(fixture.broker)
        _ = try await second.subscribe(.requests(queue: "orders"), prefetch: 10)
        try await second.received.wait(for: 3)
        #expect(second.ids == ["1", "2", "3"])
        #expect(first.ids.isEmpty)
    }

    @Test func noMoreThanPrefetchAreUnsettled() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"), prefetch: 2)
        try await fixture.send(["1", "2", "3"], from: peer)
        try await peer.received.wait(for: 2)
        #expect(fixture.broker.depth(of: "orders") == .init(ready: 1, unsettled: 2))
        await (try await peer.delivery(1)).settle(.accept)
        #expect(try await peer.delivery(2).message.id == "3")
        #expect(fixture.broker.depth(of: "orders") == .init(unsettled: 2))
    }

    @Test func whatALinkDidNotSettleComesBackInItsPlace() async throws {
        let sender = try await Peer(fixture.broker)
        let first = try await Peer(fixture.broker)
        _ = try await first.subscribe(.requests(queue: "orders"), prefetch: 2)
        try await fixture.send(["1", "2", "3"], from: sender)
        try await first.received.wait(for: 2)
        await first.adapter.stop(deadline: fixture.after(0))
        let lost = try await first.delivery(0)
        #expect(!lost.isCurrent)
        #expect(fixture.broker.depth(of: "orders") == .init(ready: 3))
        await lost.settle(.accept)
        #expect(fixture.broker.depth(of: "orders") == .init(ready: 3))
        let second = try await Peer(fixture.broker)
        _ = try await second.subscribe(.requests(queue: "orders"), prefetch: 10)
        let messages = try await second.received.wait(for: 3).map(\.message)
        #expect(messages.map(\.id) == ["1", "2", "3"])
        #expect(messages.map(\.isRedelivered) == [true, true, false])
        #expect(messages.map(\.attempt) == [1, 1, 1])
    }

    @Test func aCancelledSubscriptionMaySettleWhatItHas() async throws {
        let peer = try await Peer(fixture.broker)
        let subscription = try await peer.subscribe(.requests(queue: "orders"), prefetch: 2)
        try await fixture.send(["1", "2", "3"], from: peer)
        try await peer.received.wait(for: 2)
        await subscription.cancel()
        await subscription.cancel()
        let first = try await peer.delivery(0)
        #expect(first.isCurrent)
        await first.settle(.accept)
        await (try await peer.delivery(1)).settle(.giveBack)
        #expect(fixture.broker.depth(of: "orders") == .init(ready: 2))
        #expect(peer.ids == ["1", "2"])
    }

    @Test func aSettlementCountsOnce() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await fixture.send(["1"], from: peer)
        let delivery = try await peer.delivery(0)
        await delivery.settle(.accept)
        await delivery.settle(.giveBack)
        await delivery.settle(.deadLetter(FailureRecord(code: "a", message: "b"), reply: nil))
        #expect(fixture.broker.depth(of: "orders") == .init())
        #expect(fixture.broker.deadLetters(of: "orders").isEmpty)
    }

    @Test func aQueueIsNotDeclaredOtherwise() async throws {
        let peer = try await Peer(fixture.broker)
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
        let sender = try await Peer(fixture.broker)
        let peers = [try await Peer(fixture.broker), try await Peer(fixture.broker)]
        var subscriptions: [any AdapterSubscription] = []
        for peer in peers {
            subscriptions.append(try await peer.subscribe(.requests(queue: "orders"), isSingleActive: true))
        }
        try await fixture.send(["1", "2", "3"], from: sender)
        await (try await peers[0].delivery(0)).settle(.accept)
        try await peers[0].received.wait(for: 2)
        await subscriptions[0].cancel()
        #expect(try await peers[1].delivery(0).message.id == "3")
        #expect(peers[0].ids == ["1", "2"])
    }

    @Test func manyTasksLoseNothing() async throws {
        let peers = [try await Peer(fixture.broker), try await Peer(fixture.broker)]
        let done = Journal<String>(limit: .seconds(120))
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
        let sender = try await Peer(fixture.broker)
        try await withThrowingTaskGroup { group in
            for task in 0..<20 {
                group.addTask { try await fixture.send((0..<100).map { "\(task)-\($0)" }, from: sender) }
            }
            try await group.waitForAll()
        }
        let ids = try await done.wait(for: 2_000)
        #expect(Set(ids).count == 2_000)
        #expect(ids.count == 2_000)
        #expect(fixture.broker.depth(of: "orders") == .init())
    }
}
