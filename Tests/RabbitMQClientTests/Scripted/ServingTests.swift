import Testing

@testable import RabbitMQClient

/// Commands that are served on the thread of whoever left them, while the driver sleeps.
@Suite(.timeLimit(.minutes(1))) struct ServingTests {
    @Test func aPublishThatIsAloneLeavesInTheSleep() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = script.enqueue(channel)
        #expect(try await script.serveOnCommand())
        #expect(script.sent.contains("1 basic.publish"))
        script.hear(PeerFrame.ack(1, 1))
        try await publish.value
    }

    @Test func theDriverIsWokenUpForADeadlineThatIsBeforeTheEndOfItsSleep() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let publish = script.enqueue(channel, within: .seconds(1))
        #expect(try await !script.serveOnCommand())
        #expect(script.sent.contains("1 basic.publish"))
        script.pass(.seconds(1))
        #expect(await failure(publish)?.kind == .timeout)
    }

    @Test func aMethodThatIsCalledLeavesInTheSleep() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let declaring = Task { try await channel.declareQueue("q") }
        _ = try await script.serveOnCommand()
        #expect(script.sent == ["1 queue.declare"])
        script.hear(PeerFrame.declareOk(1, "q"))
        #expect(try await declaring.value.name == "q")
    }

    @Test func oneOfManyPublishesWaitsForTheTurn() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let outstanding = [await script.publish(channel), await script.publish(channel)]
        script.forget()
        let third = script.enqueue(channel)
        #expect(try await !script.serveOnCommand())
        #expect(script.sent.isEmpty)
        script.turn()
        #expect(script.sent.contains("1 basic.publish"))
        script.hear(PeerFrame.ack(1, 3, multiple: true))
        for publish in outstanding + [third] { try await publish.value }
    }

    @Test func onlyTheLastVerdictLeavesInTheSleep() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        _ = try await script.consume(channel)
        script.hear(PeerFrame.deliver(1, "c", 1, []), PeerFrame.deliver(1, "c", 2, []))
        channel.ack(AMQPDeliveryTag(number: 1, generation: channel.id.generation))
        #expect(try await !script.serveOnCommand())
        #expect(script.sent.isEmpty)
        channel.ack(AMQPDeliveryTag(number: 2, generation: channel.id.generation))
        #expect(try await script.serveOnCommand())
        #expect(script.sent == ["1 basic.ack 2 multiple"])
    }

    @Test func theDriverIsWokenUpForWhatTheTransportDoesNotTake() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        script.transport.room = 5
        let declaring = Task { try await channel.declareQueue("q") }
        #expect(try await !script.serveOnCommand())
        script.writeAll()
        #expect(script.sent == ["1 queue.declare"])
        script.hear(PeerFrame.declareOk(1, "q"))
        #expect(try await declaring.value.name == "q")
    }

    @Test func anEndIsTheDriversAffair() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        script.transport.writeFailure = AMQPError(.connectionLost, "reset by the peer")
        let declaring = Task { try await channel.declareQueue("q") }
        #expect(try await !script.serveOnCommand())
        #expect(!script.transport.isClosed)
        script.turn()
        #expect(script.transport.isClosed)
        await #expect(throws: AMQPError.self) { try await declaring.value }
    }

    @Test func closingIsTheDriversAffair() async throws {
        let script = ScriptedConnection()
        _ = try await script.openChannel()
        let closing = Task { [connection = script.connection] in await connection.close() }
        #expect(try await !script.serveOnCommand())
        #expect(script.sent.isEmpty)
        script.turn()
        #expect(script.sent == ["connection.close 200"])
        script.hear(PeerFrame.connectionCloseOk)
        await closing.value
    }
}
