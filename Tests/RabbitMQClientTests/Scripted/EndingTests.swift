import Testing

@testable import RabbitMQClient

/// The ways in which a connection ends, against a scripted broker.
@Suite(.timeLimit(.minutes(1))) struct EndingTests {
    @Test func closeIsAHandshake() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel)
        let closing = Task { [connection = script.connection] in await connection.close() }
        await script.run(until: "connection.close 200")
        let error = await failure(publish)
        #expect(error?.kind == .closed)
        #expect(error?.mayHaveReachedBroker == true)
        #expect(!script.hasFinished)
        // While closing nothing else counts.
        script.hear(PeerFrame.ack(1, 1), PeerFrame.deliver(1, "c", 1, [1]), PeerFrame.connectionCloseOk)
        #expect(script.hasFinished)
        #expect(script.transport.isClosed)
        await closing.value
        #expect(await script.end()?.kind == .closed)
        #expect(await end(of: channel)?.kind == .closed)
        await script.connection.close()
    }

    @Test func closeWithoutAnswerEndsAfterItsTimeout() async throws {
        let script = ScriptedConnection()
        let closing = Task { [connection = script.connection] in await connection.close(timeout: .seconds(2)) }
        await script.run(until: "connection.close 200")
        #expect(script.wait?.until == script.now + .seconds(2))
        script.pass(.milliseconds(1999))
        #expect(!script.hasFinished)
        script.pass(.milliseconds(1))
        await closing.value
        #expect(script.transport.isClosed)
    }

    @Test func closeWhileBlockedDoesNotWait() async throws {
        let script = ScriptedConnection()
        script.hear(PeerFrame.blocked("disk"))
        let closing = Task { [connection = script.connection] in await connection.close() }
        await script.run(until: "connection.close 200")
        script.turn()
        try #require(script.hasFinished)
        await closing.value
    }

    @Test func whatWasDecidedLeavesBeforeTheClose() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        _ = try await script.consume(channel)
        script.hear(PeerFrame.deliver(1, "c", 1, []))
        channel.ack(AMQPDeliveryTag(number: 1, generation: channel.id.generation))
        let closing = Task { [connection = script.connection] in await connection.close() }
        await script.run(until: "connection.close 200")
        #expect(script.sent == ["1 basic.ack 1", "connection.close 200"])
        script.hear(PeerFrame.connectionCloseOk)
        await closing.value
    }

    @Test func afterTheEndEverythingFailsWithItsCause() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.hasEnded = true
        script.turn()
        script.turn()
        #expect(script.hasFinished)
        #expect(await failure(script.enqueue(channel))?.kind == .connectionLost)
        await #expect(throws: AMQPError.self) { _ = try await script.connection.openChannel() }
        await #expect(throws: AMQPError.self) { _ = try await channel.purgeQueue("q") }
        await channel.close()
        await script.connection.close()
    }

    @Test func whatIsUnderWayFailsWithTheCause() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel)
        let purge = Task { _ = try await channel.purgeQueue("q") }
        await script.run(until: "1 queue.purge")
        let opening = Task { [connection = script.connection] in _ = try await connection.openChannel() }
        await script.run(until: "2 channel.open")
        script.transport.readFailure = AMQPError(.connectionLost, "reset")
        script.turn()
        let error = await failure(publish)
        #expect(error?.kind == .connectionLost)
        #expect(error?.mayHaveReachedBroker == true)
        #expect(await failure(purge)?.kind == .connectionLost)
        #expect(await failure(opening)?.kind == .connectionLost)
        #expect(await end(of: channel)?.kind == .connectionLost)
        script.turn()
        #expect(await script.end()?.text == "reset")
    }

    @Test func thePeersCloseIsAnsweredAndItsReasonIsTheCause() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel)
        script.transport.readFailure = AMQPError(.connectionLost, "reset")
        script.hear(PeerFrame.connectionClose(320, "CONNECTION_FORCED - shutdown"))
        #expect(script.sent.last == "connection.close-ok")
        #expect(script.hasFinished)
        #expect(await failure(publish)?.kind == .closedByBroker)
        let cause = await script.end()
        #expect(cause?.kind == .closedByBroker)
        #expect(cause?.replyCode == 320)
    }

    /// The reset comes with our write, before the broker's reason was read.
    @Test func theReasonIsReadEvenIfWritingFails() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.incoming += PeerFrame.connectionClose(320, "CONNECTION_FORCED")
        script.transport.writeFailure = AMQPError(.connectionLost, "broken pipe")
        let publish = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(await failure(publish)?.replyCode == 320)
        #expect(await script.end()?.replyCode == 320)
    }

    @Test func aWriteThatFailsIsALoss() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.writeFailure = AMQPError(.connectionLost, "broken pipe")
        let publish = script.enqueue(channel)
        await script.turnOnCommand()
        #expect(await failure(publish)?.text == "broken pipe")
        #expect(script.hasFinished)
    }

    @Test func anAnswerThatCannotLeaveIsGivenUp() async throws {
        let script = ScriptedConnection()
        script.transport.room = 3
        script.hear(PeerFrame.connectionClose(320, "CONNECTION_FORCED"))
        #expect(!script.hasFinished)
        #expect(script.wait == ConnectionLoop.Wait(read: false, write: true, until: script.now + .seconds(1)))
        script.pass(.seconds(1))
        #expect(script.hasFinished)
        #expect(await script.end()?.replyCode == 320)
    }

    @Test(arguments: [
        Array("HTTP/1.1 400 Bad Request".utf8), Array("AMQP".utf8) + [0, 0, 9, 1], [1, 0, 0, 0, 0, 0, 1, 0, 0],
        [1, 0, 1, 255, 255, 255, 255, 0], PeerFrame.method(0, 10, 10), PeerFrame.connectionCloseOk,
        PeerFrame.frame(1, 17, [0, 20, 0, 11]), PeerFrame.method(0, 60, 80, [0, 0, 0, 0, 0, 0, 0, 1, 0]),
    ])
    func garbageIsAProtocolViolation(bytes: [UInt8]) async throws {
        let script = ScriptedConnection()
        script.hear(bytes)
        #expect(script.sent == ["connection.close 501"])
        #expect(await script.end()?.kind == .protocolViolation)
    }

    @Test func aStreamThatEndsInTheMiddleOfAFrameIsALoss() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        _ = try await script.consume(channel)
        script.transport.hasEnded = true
        script.hear(Array(PeerFrame.deliver(1, "c", 1, [1, 2, 3]).dropLast(2)))
        #expect(await script.end()?.kind == .connectionLost)
    }

    @Test func droppingTheHandlesClosesTheConnection() async throws {
        let script = ScriptedConnection()
        #expect(script.sent == [])
        script.dropConnection()
        await script.run(until: "connection.close 200")
        script.hear(PeerFrame.connectionCloseOk)
        #expect(script.hasFinished)
    }
}
