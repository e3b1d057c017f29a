import Testing

@testable import RabbitMQClient

/// What makes publishes wait, and what ends the wait.
@Suite(.timeLimit(.minutes(1))) struct FlowControlTests {
    private func publishes(_ script: ScriptedConnection) -> Int { script.sent.count { $0.hasSuffix("basic.publish") } }

    @Test func theNumberOutstandingIsBounded() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumOutstandingPublishes: 2))
        let channel = try await script.openChannel(confirms: true)
        let first = await script.publish(channel)
        let second = await script.publish(channel)
        let third = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(publishes(script) == 2)
        script.hear(PeerFrame.ack(1, 1))
        #expect(publishes(script) == 3)
        script.hear(PeerFrame.ack(1, 3, multiple: true))
        for task in [first, second, third] { try await task.value }
    }

    @Test func theBytesOutstandingAreBoundedButOneLargeMessageGoesAlone() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumOutstandingBytes: 10))
        let channel = try await script.openChannel(confirms: true)
        let large = await script.publish(channel, Array(repeating: 0, count: 11))
        let small = script.enqueue(channel, [1])
        await script.turnOnCommand()
        #expect(publishes(script) == 1)
        script.hear(PeerFrame.ack(1, 1))
        #expect(publishes(script) == 2)
        script.hear(PeerFrame.ack(1, 2))
        try await large.value
        try await small.value
    }

    /// A queue that confirms nothing must not hold back what goes to the others.
    @Test func whatNobodyWaitsForAnyMoreIsNotOutstanding() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumOutstandingPublishes: 2))
        let channel = try await script.openChannel(confirms: true)
        let late = await script.publish(channel, within: .seconds(1))
        let cancelled = await script.publish(channel, within: .seconds(2))
        cancelled.cancel()
        await script.turnOnCommand()
        let next = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(publishes(script) == 2)
        script.pass(.seconds(1))
        #expect(await failure(late)?.kind == .timeout)
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        script.turn()
        #expect(publishes(script) == 3)
        script.hear(PeerFrame.ack(1, 1), PeerFrame.ack(1, 2), PeerFrame.ack(1, 3))
        try await next.value
        #expect(script.loop.core.shared.budget.count == 0)
    }

    @Test func whatIsOutstandingOnOneChannelHoldsBackAnother() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumOutstandingPublishes: 1))
        let one = try await script.openChannel(confirms: true)
        let two = try await script.openChannel(2, confirms: true)
        let first = await script.publish(one)
        let second = script.enqueue(two)
        await script.turnOnCommand()
        #expect(publishes(script) == 1)
        script.hear(PeerFrame.ack(1, 1))
        #expect(script.sent.contains("2 basic.publish"))
        script.hear(PeerFrame.ack(2, 1))
        try await first.value
        try await second.value
    }

    @Test func blockedHoldsPublishesBackAndSaysSo() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.hear(PeerFrame.blocked("low on memory"))
        let publish = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(publishes(script) == 0)
        script.hear(PeerFrame.unblocked)
        #expect(publishes(script) == 1)
        script.hear(PeerFrame.ack(1, 1))
        try await publish.value

        var events = script.connection.events.makeAsyncIterator()
        guard case .blocked("low on memory") = await events.next(isolation: #isolation) else {
            Issue.record("not blocked")
            return
        }
        guard case .unblocked = await events.next(isolation: #isolation) else {
            Issue.record("not unblocked")
            return
        }
    }

    @Test func theDeadlineCountsWhileBlocked() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.hear(PeerFrame.blocked("low on memory"))
        let publish = script.enqueue(channel, within: .seconds(2))
        await script.turnOnCommand()
        script.pass(.seconds(2))
        let error = await failure(publish)
        #expect(error?.kind == .timeout)
        #expect(error?.mayHaveReachedBroker == false)
        script.hear(PeerFrame.unblocked)
        #expect(publishes(script) == 0)
    }

    @Test func channelFlowStopsItsChannelOnly() async throws {
        let script = ScriptedConnection()
        let one = try await script.openChannel(confirms: true)
        let two = try await script.openChannel(2, confirms: true)
        script.hear(PeerFrame.channelFlow(1, active: false))
        #expect(script.sent == ["1 channel.flow-ok 0"])
        let stopped = script.enqueue(one)
        let free = await script.publish(two)
        #expect(publishes(script) == 1)
        script.hear(PeerFrame.channelFlow(1, active: true), PeerFrame.ack(2, 1))
        try await free.value
        await script.run(until: "1 basic.publish")
        script.hear(PeerFrame.ack(1, 1))
        try await stopped.value
    }

    @Test func aCancelledWaitSendsNothing() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumOutstandingPublishes: 1))
        let channel = try await script.openChannel(confirms: true)
        let first = await script.publish(channel)
        // Many, so that the backlog clears up on the way.
        var waiting: [Task<Void, any Error>] = []
        for _ in 0..<200 {
            waiting.append(script.enqueue(channel))
            await script.turnOnCommand()
        }
        for task in waiting {
            task.cancel()
            await script.turnOnCommand()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        let last = script.enqueue(channel, [9, 9])
        await script.turnOnCommand()
        script.hear(PeerFrame.ack(1, 1))
        try await first.value
        await script.run(until: "1 body 2")
        #expect(publishes(script) == 2)
        script.hear(PeerFrame.ack(1, 2))
        try await last.value
    }

    @Test func nothingIsEncodedBeyondTheOutBuffersLimit() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 0
        let count = 40
        for _ in 0..<count {
            _ = script.enqueue(channel, Array(repeating: 7, count: 16 << 10))
            await script.turnOnCommand()
        }
        let waiting = script.loop.core.shared.writer.count
        #expect(waiting >= ConnectionShared.outputLimit)
        #expect(waiting < ConnectionShared.outputLimit + (17 << 10))
        #expect(script.wait?.write == true)
        script.writeAll()
        #expect(publishes(script) == count)
        #expect(script.loop.core.shared.writer.count == 0)
    }
}
