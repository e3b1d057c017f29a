import Testing

@testable import RabbitMQClient

/// Bodies over 64 KiB, which leave one frame at a time.
@Suite(.timeLimit(.minutes(1))) struct LargeBodyTests {
    private let size = 3 << 20

    /// The frames with runs of body frames on one channel written as one.
    private func summary(_ sent: [String]) -> [String] {
        var summary: [String] = []
        for frame in sent {
            let short = frame.contains(" body ") ? String(frame.prefix { $0 != " " }) + " body" : frame
            if summary.last != short || !short.hasSuffix("body") { summary.append(short) }
        }
        return summary
    }

    @Test func theBodyArrivesWhole() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
        let publish = await script.publish(channel, body)
        script.writeAll()
        let sent = script.frames.filter { $0.type == 3 }
        #expect(sent.dropLast().allSatisfy { $0.payload.count == 4088 })
        // Not within the macro: describing how two large arrays differ takes minutes.
        let isWhole = sent.flatMap(\.payload) == body
        #expect(isWhole)
        script.hear(PeerFrame.ack(1, 1))
        try await publish.value
    }

    @Test func otherChannelsAndHeartbeatsGoBetween() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        let one = try await script.openChannel(confirms: true)
        let two = try await script.openChannel(2, confirms: true)
        script.transport.room = 300_000
        let large = await script.publish(one, Array(repeating: 1, count: size))
        let small = script.enqueue(two, [1])
        await script.turnOnCommand()
        let next = script.enqueue(one, [2])
        await script.turnOnCommand()
        // It has filled its room and waits.
        #expect(summary(script.sent) == ["1 basic.publish", "1 header", "1 body"])
        script.writeAll()
        try #require(
            summary(script.sent) == [
                "1 basic.publish", "1 header", "1 body", "2 basic.publish", "2 header", "2 body", "1 body",
                "1 basic.publish", "1 header", "1 body",
            ])
        script.hear(PeerFrame.ack(1, 2, multiple: true), PeerFrame.ack(2, 1))
        for task in [large, small, next] { try await task.value }
    }

    @Test func methodsAndVerdictsOfItsChannelWaitForItsEnd() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        var deliveries = try await script.consume(channel)
        script.hear(PeerFrame.deliver(1, "c", 1, [1]))
        let delivery = try #require(await deliveries.next(isolation: #isolation) as? AMQPDelivery)
        script.transport.room = 100_000
        let large = await script.publish(channel, Array(repeating: 1, count: size))
        channel.ack(delivery.tag)
        await script.turnOnCommand()
        let purge = Task { try await channel.purgeQueue("q") }
        await script.turnOnCommand()
        script.writeAll()
        try #require(
            summary(script.sent) == ["1 basic.publish", "1 header", "1 body", "1 basic.ack 1", "1 queue.purge"])
        script.hear(PeerFrame.purgeOk(1, 3), PeerFrame.ack(1, 1))
        #expect(try await purge.value == 3)
        try await large.value
    }

    @Test func ourCloseWaitsForTheEndOfTheBody() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 100_000
        let large = await script.publish(channel, Array(repeating: 1, count: size))
        let closing = Task { await channel.close() }
        await script.turnOnCommand()
        #expect(await failure(large)?.mayHaveReachedBroker == true)
        script.writeAll()
        #expect(summary(script.sent) == ["1 basic.publish", "1 header", "1 body", "1 channel.close"])
        #expect(script.frames.filter { $0.type == 3 }.map(\.payload.count).reduce(0, +) == size)
        script.hear(PeerFrame.channelCloseOk(1))
        await closing.value
    }

    /// The peer counts what is missing of the body, and takes our answer in its place for an error of the whole connection.
    @Test func thePeersCloseIsAnsweredAfterTheBody() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 100_000
        let large = await script.publish(channel, Array(repeating: 1, count: size))
        script.hear(PeerFrame.channelClose(1, 404, "NOT_FOUND"))
        #expect(await failure(large)?.kind == .channelClosed)
        script.writeAll()
        #expect(summary(script.sent) == ["1 basic.publish", "1 header", "1 body", "1 channel.close-ok"])
        #expect(script.frames.filter { $0.type == 3 }.map(\.payload.count).reduce(0, +) == size)
        // The number can be used again.
        _ = try await script.openChannel(confirms: true)
    }

    /// After our answer the broker takes any frame on the number for an error of the whole connection.
    @Test func thePeersCloseOvertakesOursInTheMiddleOfTheBody() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 100_000
        _ = await script.publish(channel, Array(repeating: 1, count: size))
        let closing = Task { await channel.close() }
        await script.turnOnCommand()
        script.hear(PeerFrame.channelClose(1, 404, "NOT_FOUND"))
        script.writeAll()
        await closing.value
        #expect(script.sent.last == "1 channel.close-ok")
        #expect(!script.sent.contains("1 channel.close"))
        script.forget()
        _ = try await script.openChannel(confirms: true)
    }

    @Test func theAnswerToFlowControlWaitsForTheEndOfTheBody() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 100_000
        let large = await script.publish(channel, Array(repeating: 1, count: size))
        script.hear(PeerFrame.channelFlow(1, active: true))
        script.writeAll()
        #expect(summary(script.sent) == ["1 basic.publish", "1 header", "1 body", "1 channel.flow-ok 1"])
        script.hear(PeerFrame.ack(1, 1))
        try await large.value
    }

    @Test func aCancelledOneIsSentToItsEnd() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 100_000
        let large = await script.publish(channel, Array(repeating: 1, count: size))
        large.cancel()
        await script.turnOnCommand()
        await #expect(throws: CancellationError.self) { try await large.value }
        script.writeAll()
        #expect(script.frames.filter { $0.type == 3 }.map(\.payload.count).reduce(0, +) == size)
    }

    @Test func unconfirmedItReturnsWithItsLastFrame() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        script.transport.room = 100_000
        let body = [UInt8](repeating: 1, count: size)
        let large = Task {
            try await channel.publishUnconfirmed(AMQPMessage(body: body), exchange: "", routingKey: "q")
        }
        await script.run(until: "1 basic.publish")
        #expect(script.loop.core.nextDeadline == script.now + .seconds(15))
        script.writeAll()
        try #require(script.frames.filter { $0.type == 3 }.map(\.payload.count).reduce(0, +) == size)
        try await large.value
    }
}
