import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Limits, cancellation and the life of an in-memory adapter.
@Suite(.timeLimit(.minutes(1))) struct MemoryAdapterTests {
    private let fixture = BrokerFixture()

    @Test func cancelledTasksSendNothing() async throws {
        let peer = try await Peer(fixture.broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let attempts: [@Sendable () async throws -> Void] = [
            { try await peer.adapter.command(fixture.message(), to: "orders", deadline: fixture.after(15)) },
            { _ = try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15)) },
            { try await peer.adapter.event(fixture.message(.event), to: "users", deadline: fixture.after(15)) },
            { _ = try await peer.subscribe(.requests(queue: "orders")) },
            { try await MemoryAdapter(broker: fixture.broker).start() },
        ]
        for attempt in attempts {
            await #expect(throws: CancellationError.self) { try await cancelledTask(attempt).value }
        }
        #expect(fixture.broker.depth(of: "orders") == .init())
    }

    @Test func whatIsTooLargeIsNotSent() async throws {
        let peer = try await Peer(fixture.broker, maximumBodySize: 10)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let large = Array(repeating: UInt8(0), count: 11)
        try await expectError(.messageTooLarge) {
            try await peer.adapter.command(fixture.message(body: large), to: "orders", deadline: fixture.after(15))
        }
        try await expectError(.messageTooLarge) {
            try await peer.adapter.query(
                fixture.message(.query, body: large), to: "orders", deadline: fixture.after(15))
        }
        try await expectError(.messageTooLarge) {
            try await peer.adapter.event(fixture.message(.event, body: large), to: "users", deadline: fixture.after(15))
        }
    }

    @Test func whatIsTooLargeIsDefective() async throws {
        let peer = try await Peer(fixture.broker, maximumBodySize: 10)
        _ = try await peer.subscribe(.requests(queue: "orders"))
        let large = Array(repeating: UInt8(1), count: 11)
        try fixture.broker.publish(IncomingMessage(kind: .command, body: large), toQueue: "orders")
        let delivery = try await peer.delivery(0)
        #expect(delivery.message.defect?.contains("11 bytes") == true)
        #expect(delivery.message.body.isEmpty)
        await delivery.settle(.deadLetter(FailureRecord(code: "invalid_message", message: ""), reply: nil))
        let letter = try #require(fixture.broker.deadLetters(of: "orders").first)
        #expect(letter.message.body == large)
        #expect(letter.message.defect == nil)
    }

    @Test func deadlinesThatPassedAreTimeouts() async throws {
        let peer = try await Peer(fixture.broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        for seconds in [0, -1] {
            try await expectError(.timeout) {
                try await peer.adapter.command(fixture.message(), to: "orders", deadline: fixture.after(seconds))
            }
            try await expectError(.timeout) {
                try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(seconds))
            }
        }
        #expect(fixture.broker.depth(of: "orders") == .init())
    }

    @Test func stoppingWaitsForRepliesUntilItsDeadline() async throws {
        let asker = try await Peer(fixture.broker)
        let answerer = try await Peer(fixture.broker)
        _ = try await answerer.subscribe(.requests(queue: "orders"))
        let query = Task {
            try await asker.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        }
        let delivery = try await answerer.delivery(0)
        let stopped = Journal<Bool>()
        let stop = Task {
            await asker.adapter.stop(deadline: fixture.after(10))
            stopped.note(true)
        }
        try await fixture.broker.wait(until: { $0.links.values.contains { !$0.closing.isEmpty } })
        try await expectError(.notStarted) { try await fixture.send(["1"], from: asker) }
        try await expectError(.notStarted) { try await asker.subscribe(.requests(queue: "orders")) }
        #expect(stopped.entries.isEmpty)
        await delivery.settle(.reply(fixture.reply([7])))
        #expect(try await query.value.body == [7])
        await stop.value
        fixture.broker.look { #expect($0.timers.next == nil) }
    }

    @Test func stoppingFailsWhatStillWaits() async throws {
        let peer = try await Peer(fixture.broker)
        await (try await peer.subscribe(.requests(queue: "orders"))).cancel()
        let query = Task {
            try await peer.adapter.query(fixture.message(.query), to: "orders", deadline: fixture.after(15))
        }
        try await fixture.broker.depth(of: "orders") { $0.ready == 1 }
        let stop = Task { await peer.adapter.stop(deadline: fixture.after(10)) }
        try await fixture.broker.wait(until: { $0.links.values.contains { !$0.closing.isEmpty } })
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .seconds(10))
        try await expectError(.connection) { try await query.value }
        await stop.value
        await peer.adapter.stop(deadline: fixture.after(10))
    }

    @Test func anAdapterStartsAgain() async throws {
        let peer = try await Peer(fixture.broker)
        try await peer.adapter.start()
        await peer.adapter.stop(deadline: fixture.after(0))
        try await expectError(.notStarted) { try await fixture.send(["1"], from: peer) }
        try await peer.adapter.start()
        _ = try await peer.subscribe(.requests(queue: "orders"))
        try await fixture.send(["1"], from: peer)
        try await peer.received.wait(for: 1)
        fixture.broker.look { #expect($0.links.count == 1) }
    }
}
