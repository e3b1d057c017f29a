import Testing

@testable import RabbitMQClient

/// Many publishes under one wait, and publishes that nobody waits for, against a scripted broker.
@Suite(.timeLimit(.minutes(1))) struct BatchTests {
    private typealias Outcomes = [Result<Void, any Error>]

    /// Starts a batch in a task of its own and takes turns until it is out.
    private func publish(
        _ bodies: [[UInt8]], over script: ScriptedConnection, _ channel: AMQPChannel, sent count: Int? = nil
    ) async -> Task<Outcomes, Never> {
        let messages = bodies.enumerated().map { index, body in
            AMQPMessage(properties: AMQPProperties(messageID: "\(index)"), body: body)
        }
        let task = Task {
            await channel.publish(batch: messages, exchange: "", routingKey: "q", mandatory: true)
        }
        await script.run(until: "1 basic.publish", count: count ?? bodies.count)
        return task
    }

    private func kinds(_ outcomes: Outcomes) -> [AMQPError.Kind?] {
        outcomes.map { outcome in
            guard case .failure(let error) = outcome else { return nil }
            return (error as? AMQPError)?.kind
        }
    }

    @Test func eachMessageHasAnOutcomeInItsPlace() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let batch = await publish([[0], [1], [2], [3]], over: script, channel)
        script.hear(
            PeerFrame.returned(1, exchange: "", routingKey: "q", messageID: "1"), PeerFrame.ack(1, 2),
            PeerFrame.nack(1, 4), PeerFrame.ack(1, 3, multiple: true))
        #expect(kinds(await batch.value) == [nil, .unroutable, nil, .nacked])
        #expect(script.loop.core.shared.budget.count == 0)
    }

    @Test func anEmptyBatchHasNoOutcome() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        #expect(await channel.publish(batch: [], exchange: "", routingKey: "q").isEmpty)
        #expect(script.sent.isEmpty)
    }

    @Test func whatIsTooLargeFailsAlone() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumBodySize: 3))
        let channel = try await script.openChannel(confirms: true)
        let batch = await publish([[0], [1, 1, 1, 1], [2]], over: script, channel, sent: 2)
        script.hear(PeerFrame.ack(1, 2, multiple: true))
        #expect(kinds(await batch.value) == [nil, .messageTooLarge, nil])
    }

    @Test func aCancelledBatchEndsAsAWhole() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let batch = await publish([[0], [1], [2]], over: script, channel)
        script.hear(PeerFrame.ack(1, 1))
        batch.cancel()
        await script.turnOnCommand()
        script.turn()
        let outcomes = await batch.value
        #expect(throws: Never.self) { try outcomes[0].get() }
        #expect(throws: CancellationError.self) { try outcomes[1].get() }
        #expect(throws: CancellationError.self) { try outcomes[2].get() }
    }

    @Test func aBatchEndsWithItsConnection() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let batch = await publish([[0], [1]], over: script, channel)
        script.hear(PeerFrame.connectionClose(320, "CONNECTION_FORCED"))
        #expect(kinds(await batch.value) == [.closedByBroker, .closedByBroker])
        script.writeAll()
        let late = await channel.publish(
            batch: [AMQPMessage(body: [2])], exchange: "", routingKey: "q", mandatory: true)
        #expect(kinds(late) == [.closedByBroker])
    }

    @Test func aCallbackHearsTheOutcomeOnce() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let outcomes = Lock<Outcomes>([])
        let message = AMQPMessage(body: [1])
        let publish = channel.publish(message, exchange: "", routingKey: "q") { outcome in
            outcomes.withLock { $0.append(outcome) }
        }
        script.turn()
        #expect(outcomes.withLock { $0.isEmpty })
        script.hear(PeerFrame.nack(1, 1))
        publish.cancel()
        script.turn()
        #expect(kinds(outcomes.withLock { $0 }) == [.nacked])
    }

    @Test func aPublishThatIsGivenUpIsNotSent() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumOutstandingPublishes: 1))
        let channel = try await script.openChannel(confirms: true)
        _ = channel.publish(AMQPMessage(body: [1]), exchange: "", routingKey: "q") { _ in }
        let cancelled = Lock(false)
        let second = channel.publish(AMQPMessage(body: [2]), exchange: "", routingKey: "q") { outcome in
            cancelled.withLock { $0 = (try? outcome.get()) == nil }
        }
        script.turn()
        second.cancel()
        script.hear(PeerFrame.ack(1, 1))
        #expect(cancelled.withLock { $0 })
        #expect(script.sent.count { $0 == "1 basic.publish" } == 1)
    }
}
