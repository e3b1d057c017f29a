import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Delays and dead letters of the in-memory broker.
@Suite(.timeLimit(.minutes(1))) struct MemoryRetryTests {
    private let fixture = BrokerFixture()

    @Test func aRetryWaitsForItsTime() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"), prefetch: 10)
        try await fixture.send(["1", "2"], from: peer)
        try await peer.received.wait(for: 2)
        await (try await peer.delivery(0)).settle(.retry(after: .seconds(5), failure: nil))
        await (try await peer.delivery(1)).settle(.retry(after: .seconds(1), failure: nil))
        #expect(fixture.broker.depth(of: "orders") == .init(delayed: 2))
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .seconds(1))
        let second = try await peer.delivery(2).message
        #expect(second.id == "2")
        #expect(second.attempt == 2)
        #expect(!second.isRedelivered)
        #expect(fixture.broker.depth(of: "orders") == .init(delayed: 1, unsettled: 1))
        fixture.clock.advance(by: .milliseconds(3_999))
        #expect(fixture.broker.depth(of: "orders") == .init(delayed: 1, unsettled: 1))
        fixture.clock.advance(by: .milliseconds(1))
        #expect(try await peer.delivery(3).message.id == "1")
        #expect(fixture.broker.depth(of: "orders") == .init(unsettled: 2))
    }

    @Test func aRetryWithoutDelayGoesToTheEnd() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await fixture.send(["1", "2"], from: peer)
        await (try await peer.delivery(0)).settle(.retry(after: .zero, failure: nil))
        await (try await peer.delivery(1)).settle(.accept)
        try await peer.received.wait(for: 3)
        #expect(peer.ids == ["1", "2", "1"])
        #expect(fixture.clock.sleepers == 0)
    }

    @Test func delaysSurviveTheStopOfABus() async throws {
        let first = try await Peer(fixture.broker)
        _ = try await first.subscribe(.requests(queue: "orders"))
        try await fixture.send(["1"], from: first)
        await (try await first.delivery(0)).settle(.retry(after: .seconds(5), failure: nil))
        await first.adapter.stop(deadline: fixture.after(0))
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .seconds(5))
        try await fixture.broker.depth(of: "orders") { $0.ready == 1 }
        let second = try await Peer(fixture.broker)
        _ = try await second.subscribe(.requests(queue: "orders"))
        #expect(try await second.delivery(0).message.attempt == 2)
    }

    @Test func theHighestAttemptNumberIsNoTrap() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try fixture.broker.publish(IncomingMessage(kind: .command, attempt: .max), toQueue: "orders")
        await (try await peer.delivery(0)).settle(.retry(after: .zero, failure: nil))
        #expect(try await peer.delivery(1).message.attempt == .max)
    }

    @Test func deadLettersCanBeLookedAtAndTaken() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        #expect(fixture.broker.depth(of: "orders.dead") == .init())
        let foreign = IncomingMessage(
            kind: .command, id: "x", method: "do", headers: ["a": "b"], body: [0xFF], contentType: "text/plain",
            attempt: 3)
        try fixture.broker.publish(foreign, toQueue: "orders")
        fixture.clock.advance(by: .seconds(7))
        let failure = FailureRecord(code: "serialization", message: "no JSON")
        await (try await peer.delivery(0)).settle(.deadLetter(failure, reply: nil))
        let letter = try #require(try await fixture.broker.deadLetters(of: "orders", count: 1).first)
        #expect(letter.failure == failure)
        #expect(letter.time == fixture.broker.clock.now)
        #expect(letter.message.id == "x")
        #expect(letter.message.body == [0xFF])
        #expect(letter.message.contentType == "text/plain")
        #expect(letter.message.headers == ["a": "b"])
        #expect(letter.message.attempt == 3)
        #expect(fixture.broker.depth(of: "orders.dead") == .init(ready: 1))
        #expect(fixture.broker.takeDeadLetters(of: "orders").count == 1)
        #expect(fixture.broker.deadLetters(of: "orders").isEmpty)
        #expect(fixture.broker.takeDeadLetters(of: "nothing").isEmpty)
    }

    @Test func deadLettersCanBeProcessedAgain() async throws {
        let peer = try await Peer(fixture.broker)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await fixture.send(["1"], from: peer)
        await (try await peer.delivery(0)).settle(.deadLetter(FailureRecord(code: "a", message: "b"), reply: nil))
        let repairer = try await Peer(fixture.broker)
        _ = try await repairer.subscribe(.requests(queue: "orders.dead"))
        #expect(try await repairer.delivery(0).message.id == "1")
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
            _ = try await adapter.subscribe(Subscription(source: .requests(queue: "orders"), concurrency: 1)) {
                delivery in
                Task {
                    await delivery.settle(.retry(after: .seconds(600), failure: nil))
                    settled.note(true)
                }
            }
            let deadline = broker.clock.now.advanced(by: .seconds(15))
            try await adapter.command(fixture.message(), to: "orders", deadline: deadline)
            try await settled.wait(for: 1)
            await sleeping.waitForSleepers(1)
        }
        // The tasks that handed the delivery over and settled it end by themselves, and let go of the broker.
        while gone != nil { await Task.yield() }
        #expect(sleeping.sleepers == 0)
    }
}
