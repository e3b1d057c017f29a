import Testing

@testable import RabbitMQClient

/// Publishes against a scripted broker.
@Suite(.timeLimit(.minutes(1))) struct PublishingTests {
    @Test func confirmsOutOfOrderResumeTheirOwnPublish() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let first = await script.publish(channel)
        let second = await script.publish(channel)
        let third = await script.publish(channel)
        script.hear(PeerFrame.ack(1, 3), PeerFrame.nack(1, 1))
        try await third.value
        #expect(await failure(first)?.kind == .nacked)
        #expect(script.loop.core.shared.budget.count == 1)
        script.hear(PeerFrame.ack(1, 2))
        try await second.value
        #expect(script.loop.core.shared.budget.count == 0)
        #expect(script.loop.core.shared.budget.bytes == 0)
    }

    @Test func oneConfirmForSeveralResumesAll() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        var tasks: [Task<Void, any Error>] = []
        for _ in 0..<100 { tasks.append(await script.publish(channel)) }
        script.hear(PeerFrame.ack(1, 99, multiple: true))
        for task in tasks.dropLast() { try await task.value }
        script.hear(PeerFrame.nack(1, 0, multiple: true))
        #expect(await failure(tasks[99])?.kind == .nacked)
    }

    @Test func aReturnBeforeTheAckIsUnroutable() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let fine = await script.publish(channel, routingKey: "a", mandatory: true)
        let lost = await script.publish(channel, routingKey: "b", mandatory: true)
        script.hear(PeerFrame.returned(1, exchange: "", routingKey: "b", body: [1]))
        #expect(script.loop.core.shared.budget.count == 2)
        script.hear(PeerFrame.ack(1, 2, multiple: true))
        try await fine.value
        let error = await failure(lost)
        #expect(error?.kind == .unroutable)
        #expect(error?.replyCode == 312)
        #expect(error?.replyText == "NO_ROUTE")
        #expect(error?.mayHaveReachedBroker == false)
    }

    /// The queue went between the two: both have the same key, only one comes back.
    @Test func theMessageIdTellsWhichOneCameBack() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let first = await script.publish(channel, mandatory: true, messageID: "one")
        let second = await script.publish(channel, mandatory: true, messageID: "two")
        script.hear(PeerFrame.returned(1, exchange: "", routingKey: "q", messageID: "two"))
        script.hear(PeerFrame.ack(1, 2, multiple: true))
        try await first.value
        #expect(await failure(second)?.kind == .unroutable)
    }

    @Test func returnsOfEqualMessagesGoToTheOldestFirst() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let first = await script.publish(channel, mandatory: true)
        let second = await script.publish(channel, mandatory: true)
        script.hear(PeerFrame.returned(1, exchange: "", routingKey: "q"))
        script.hear(PeerFrame.ack(1, 1))
        #expect(await failure(first)?.kind == .unroutable)
        script.hear(PeerFrame.ack(1, 2))
        try await second.value
    }

    @Test func answersForUnknownNumbersAreHarmless() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.hear(PeerFrame.ack(1, 9), PeerFrame.nack(1, .max, multiple: true), PeerFrame.ack(1, 0))
        let publish = await script.publish(channel)
        script.hear(PeerFrame.ack(1, 1), PeerFrame.ack(1, 1))
        try await publish.value
    }

    @Test func aDeadlineEndsTheWaitAndKeepsTheNumber() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let hasty = await script.publish(channel, within: .seconds(3))
        let patient = await script.publish(channel)
        script.pass(.milliseconds(2999))
        script.pass(.milliseconds(1))
        let error = await failure(hasty)
        #expect(error?.kind == .timeout)
        #expect(error?.mayHaveReachedBroker == true)
        #expect(script.loop.core.shared.budget.count == 1)
        script.hear(PeerFrame.ack(1, 1))
        #expect(script.loop.core.shared.budget.count == 1)
        script.hear(PeerFrame.ack(1, 2))
        try await patient.value
        #expect(script.loop.core.shared.budget.count == 0)
    }

    @Test func withoutADeadlineTheMethodTimeoutCounts() async throws {
        let script = ScriptedConnection(methodTimeout: .seconds(7))
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel)
        script.pass(.seconds(7))
        #expect(await failure(publish)?.kind == .timeout)
        // Only the publish: the channel goes on.
        let next = await script.publish(channel)
        script.hear(PeerFrame.ack(1, 2))
        try await next.value
    }

    @Test func aDeadlineInThePastSendsNothing() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let late = script.enqueue(channel, within: .zero)
        await script.turnOnCommand()
        let error = await failure(late)
        #expect(error?.kind == .timeout)
        #expect(error?.mayHaveReachedBroker == false)
        #expect(script.sent == [])
    }

    @Test func cancellationEndsTheWaitAndKeepsTheNumber() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel)
        publish.cancel()
        await script.turnOnCommand()
        await #expect(throws: CancellationError.self) { try await publish.value }
        #expect(script.loop.core.shared.budget.count == 1)
        script.hear(PeerFrame.ack(1, 1))
        #expect(script.loop.core.shared.budget.count == 0)
    }

    @Test func aTaskCancelledBeforeSendsNothing() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = Task {
            // Not before the cancellation is there for sure.
            while !Task.isCancelled { await Task.yield() }
            try await channel.publish(AMQPMessage(body: []), exchange: "", routingKey: "q")
        }
        publish.cancel()
        await script.turnOnCommand()
        script.turn()
        await #expect(throws: CancellationError.self) { try await publish.value }
        #expect(script.sent == [])
    }

    @Test func theChannelsEndIsTheOutcomeOfWhatIsInFlight() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel)
        script.hear(PeerFrame.channelClose(1, 404, "NOT_FOUND - no exchange 'x'"))
        let error = await failure(publish)
        #expect(error?.kind == .channelClosed)
        #expect(error?.replyCode == 404)
        #expect(error?.method == "basic.publish")
        #expect(error?.mayHaveReachedBroker == true)
        #expect(script.sent.last == "1 channel.close-ok")
        #expect(script.loop.core.shared.budget.count == 0)
        let late = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(await failure(late)?.kind == .channelClosed)
        #expect(await end(of: channel)?.replyCode == 404)
    }

    @Test func confirmModeIsNeeded() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let publish = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(await failure(publish)?.kind == .internalError)
    }

    @Test func anUnconfirmedPublishReturnsWhenItIsEncoded() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let publish = Task {
            try await channel.publishUnconfirmed(AMQPMessage(body: [1]), exchange: "", routingKey: "q")
        }
        await script.run(until: "1 basic.publish")
        try await publish.value
        #expect(script.sent == ["1 basic.publish", "1 header", "1 body 1"])
        #expect(script.loop.core.shared.budget.count == 0)
    }

    @Test func anUnconfirmedPublishUsesUpANumberInConfirmMode() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let unconfirmed = Task {
            try await channel.publishUnconfirmed(AMQPMessage(body: [1]), exchange: "", routingKey: "q")
        }
        await script.run(until: "1 basic.publish")
        try await unconfirmed.value
        let confirmed = await script.publish(channel)
        script.hear(PeerFrame.nack(1, 1), PeerFrame.ack(1, 2))
        try await confirmed.value
    }

    @Test func whatCannotBeEncodedHarmsNobodyElse() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let bad = script.enqueue(channel, routingKey: String(repeating: "k", count: 256))
        await script.turnOnCommand()
        #expect(await failure(bad)?.kind == .invalidMessage)
        #expect(script.sent == [])
        let good = await script.publish(channel)
        script.hear(PeerFrame.ack(1, 1))
        try await good.value
    }

    @Test func aBodyOverTheLimitIsNotSent() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumBodySize: 10))
        let channel = try await script.openChannel(confirms: true)
        let large = script.enqueue(channel, Array(repeating: 0, count: 11))
        #expect(await failure(large)?.kind == .messageTooLarge)
        let fits = await script.publish(channel, Array(repeating: 0, count: 10))
        script.hear(PeerFrame.ack(1, 1))
        try await fits.value
    }
}
