import Testing

@testable import RabbitMQClient

/// Opening, methods and closing of channels against a scripted broker.
@Suite(.timeLimit(.minutes(1))) struct ChannelTests {
    @Test func nothingIsSentBeforeTheChannelIsOpen() async throws {
        let script = ScriptedConnection()
        let opening = Task { [connection = script.connection] in try await connection.openChannel() }
        await script.run(until: "1 channel.open")
        script.turn()
        #expect(script.sent == ["1 channel.open"])
        script.hear(PeerFrame.channelOpenOk(1))
        #expect(try await opening.value.id.number == 1)
    }

    @Test func methodsGoOneAtATime() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let first = Task { try await channel.declareQueue("a") }
        await script.run(until: "1 queue.declare")
        let second = Task { try await channel.purgeQueue("b") }
        await script.turnOnCommand()
        #expect(script.sent == ["1 queue.declare"])
        script.hear(PeerFrame.declareOk(1, "a", messages: 2, consumers: 3))
        #expect(try await first.value == AMQPQueueStatus(name: "a", messageCount: 2, consumerCount: 3))
        #expect(script.sent == ["1 queue.declare", "1 queue.purge"])
        script.hear(PeerFrame.purgeOk(1, 7))
        #expect(try await second.value == 7)
    }

    @Test func aMethodThatCannotBeEncodedFailsAlone() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let bad = Task { try await channel.purgeQueue(String(repeating: "q", count: 256)) }
        await script.turnOnCommand()
        let error = await failure(Task { _ = try await bad.value })
        #expect(error?.kind == .invalidMessage)
        let good = Task { try await channel.purgeQueue("q") }
        await script.run(until: "1 queue.purge")
        script.hear(PeerFrame.purgeOk(1, 0))
        #expect(try await good.value == 0)
    }

    @Test func aMethodWithoutAnswerGivesUpTheChannel() async throws {
        let script = ScriptedConnection(methodTimeout: .seconds(5))
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel, within: .seconds(60))
        let purge = Task { _ = try await channel.purgeQueue("q") }
        await script.run(until: "1 queue.purge")
        let waiting = Task { try await channel.setPrefetch(1) }
        await script.turnOnCommand()
        script.pass(.seconds(5))
        let error = await failure(purge)
        #expect(error?.kind == .timeout)
        #expect(error?.method == "queue.purge")
        #expect(await failure(waiting)?.kind == .timeout)
        #expect(await failure(publish)?.mayHaveReachedBroker == true)
        #expect(await end(of: channel)?.kind == .timeout)
        #expect(script.sent.last == "1 channel.close")

        // The number is free when the broker has agreed; what it says before means nothing.
        let next = Task { [connection = script.connection] in try await connection.openChannel() }
        await script.run(until: "2 channel.open")
        script.hear(PeerFrame.purgeOk(1, 1), PeerFrame.deliver(1, "c", 1, [1]), PeerFrame.channelOpenOk(2))
        #expect(try await next.value.id.number == 2)
        script.hear(PeerFrame.channelCloseOk(1))
        let again = try await script.openChannel(1)
        #expect(again.id.generation != channel.id.generation)
    }

    @Test func anOpeningWithoutAnswerFails() async throws {
        let script = ScriptedConnection(methodTimeout: .seconds(5))
        let opening = Task { [connection = script.connection] in _ = try await connection.openChannel() }
        await script.run(until: "1 channel.open")
        script.pass(.seconds(5))
        #expect(await failure(opening)?.kind == .timeout)
        #expect(script.sent == ["1 channel.open", "1 channel.close"])
        // Late, both.
        script.hear(PeerFrame.channelOpenOk(1), PeerFrame.channelCloseOk(1))
        script.forget()
        _ = try await script.openChannel(1)
    }

    @Test func channelNumbersAreBounded() async throws {
        let script = ScriptedConnection(channelMax: 2)
        let first = try await script.openChannel(1)
        _ = try await script.openChannel(2)
        let third = Task { [connection = script.connection] in _ = try await connection.openChannel() }
        await script.turnOnCommand()
        #expect(await failure(third)?.kind == .internalError)
        let closing = Task { await first.close() }
        await script.run(until: "1 channel.close")
        script.hear(PeerFrame.channelCloseOk(1))
        await closing.value
        _ = try await script.openChannel(1)
    }

    @Test func thePeersCloseIsAnsweredBeforeTheNumberIsUsedAgain() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let declaring = Task { _ = try await channel.declareQueue("q", passive: true) }
        await script.run(until: "1 queue.declare")
        let opening = Task { [connection = script.connection] in try await connection.openChannel() }
        await script.run(until: "2 channel.open")
        script.hear(PeerFrame.channelClose(1, 404, "NOT_FOUND - no queue 'q'", classID: 50, methodID: 10))
        let error = await failure(declaring)
        #expect(error?.kind == .channelClosed)
        #expect(error?.replyCode == 404)
        #expect(error?.method == "queue.declare")
        script.hear(PeerFrame.channelOpenOk(2))
        _ = try await opening.value
        script.forget()
        let again = Task { [connection = script.connection] in try await connection.openChannel() }
        await script.run(until: "1 channel.open")
        #expect(script.sent == ["1 channel.open"])
        script.hear(PeerFrame.channelOpenOk(1))
        let reopened = try await again.value

        // The old handle is worth nothing any more, whatever the number.
        let old = Task { _ = try await channel.purgeQueue("q") }
        await script.turnOnCommand()
        #expect(await failure(old)?.kind == .channelClosed)
        channel.ack(AMQPDeliveryTag(number: 1, generation: reopened.id.generation))
        let new = Task { try await reopened.setPrefetch(3) }
        await script.run(until: "1 basic.qos")
        script.hear(PeerFrame.qosOk(1))
        try await new.value
        #expect(script.sent == ["1 channel.open", "1 basic.qos"])
    }

    @Test func closesThatCrossAreBothAnswered() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let closing = Task { await channel.close() }
        await script.run(until: "1 channel.close")
        script.hear(PeerFrame.channelClose(1, 404, "NOT_FOUND"))
        #expect(script.sent == ["1 channel.close", "1 channel.close-ok"])
        script.hear(PeerFrame.channelCloseOk(1))
        await closing.value
        #expect(await end(of: channel)?.kind == .closed)
    }

    @Test func aCloseWithoutAnswerReturnsAfterTheTimeout() async throws {
        let script = ScriptedConnection(methodTimeout: .seconds(5))
        let channel = try await script.openChannel()
        let closing = Task { await channel.close() }
        await script.run(until: "1 channel.close")
        script.pass(.seconds(5))
        await closing.value
        // Without an answer the number stays out of use.
        _ = try await script.openChannel(2)
    }

    @Test func verdictsLeaveBeforeTheClose() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        var deliveries = try await script.consume(channel)
        script.hear(PeerFrame.deliver(1, "c", 1, [1]), PeerFrame.deliver(1, "c", 2, [2]))
        for _ in 0..<2 {
            let delivery = try #require(await deliveries.next(isolation: #isolation) as? AMQPDelivery)
            channel.ack(delivery.tag)
        }
        let closing = Task { await channel.close() }
        await script.run(until: "1 channel.close")
        #expect(script.sent == ["1 basic.ack 2 multiple", "1 channel.close"])
        script.hear(PeerFrame.channelCloseOk(1))
        await closing.value
    }

    @Test func closingTwiceIsHarmless() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let closing = Task { await channel.close() }
        await script.run(until: "1 channel.close")
        script.hear(PeerFrame.channelCloseOk(1))
        await closing.value
        let again = Task { await channel.close() }
        await script.turnOnCommand()
        await again.value
        #expect(script.sent == ["1 channel.close"])
    }

    @Test func framesForAChannelThatIsGoneAreIgnored() async throws {
        let script = ScriptedConnection()
        script.hear(PeerFrame.ack(5, 1), PeerFrame.header(6, size: 3), PeerFrame.body(6, [1, 2, 3]))
        _ = try await script.openChannel()
        #expect(!script.hasFinished)
    }

    @Test(arguments: [
        PeerFrame.channelOpenOk(1), PeerFrame.channelCloseOk(1), PeerFrame.purgeOk(1, 1), PeerFrame.body(1, [1]),
        PeerFrame.header(1, size: 1), PeerFrame.getOk(1, 1, [1]), PeerFrame.method(1, 60, 111),
        PeerFrame.deliverMethod(1, "c", 1) + PeerFrame.ack(1, 1),
    ])
    func whatComesOutOfTurnEndsTheConnection(frame: [UInt8]) async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        script.hear(frame)
        #expect(script.sent == ["connection.close 501"])
        #expect(await end(of: channel)?.kind == .protocolViolation)
        #expect(await script.end()?.kind == .protocolViolation)
        #expect(script.transport.isClosed)
    }
}
