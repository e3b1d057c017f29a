import Testing

@testable import RabbitMQClient

/// Deliveries and verdicts against a scripted broker.
@Suite(.timeLimit(.minutes(1))) struct ConsumingTests {
    private func body(_ delivery: AMQPDelivery?) -> [UInt8]? {
        guard case .message(let message)? = delivery?.content else { return nil }
        return message.body
    }

    @Test func aDeliveryRightBehindTheAnswerIsNotMissed() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let (stream, continuation) = AsyncStream.makeStream(of: AMQPDelivery.self)
        let consuming = Task {
            try await channel.consume("q", tag: "c", onDelivery: { continuation.yield($0) }, onCancel: {})
        }
        await script.run(until: "1 basic.consume")
        script.hear(PeerFrame.deliver(1, "c", 1, [7]), PeerFrame.consumeOk(1, "c"), PeerFrame.deliver(1, "c", 2, [8]))
        #expect(try await consuming.value == "c")
        var deliveries = stream.makeAsyncIterator()
        #expect(body(await deliveries.next(isolation: #isolation)) == [7])
        #expect(body(await deliveries.next(isolation: #isolation)) == [8])
    }

    @Test func contentsOfTwoChannelsMayBeMixed() async throws {
        let script = ScriptedConnection()
        let one = try await script.openChannel(1)
        let two = try await script.openChannel(2)
        var first = try await script.consume(one, tag: "a")
        var second = try await script.consume(two, tag: "b")
        script.hear(
            PeerFrame.deliverMethod(1, "a", 1), PeerFrame.deliverMethod(2, "b", 1), PeerFrame.header(2, size: 2),
            PeerFrame.header(1, size: 3), PeerFrame.body(1, [1]), PeerFrame.body(2, [4, 5]), PeerFrame.heartbeat,
            PeerFrame.body(1, [2, 3]))
        #expect(body(try #require(await first.next(isolation: #isolation))) == [1, 2, 3])
        #expect(body(try #require(await second.next(isolation: #isolation))) == [4, 5])
    }

    @Test func aDeliveryMayComeByteByByte() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        var deliveries = try await script.consume(channel)
        for byte in PeerFrame.deliver(1, "c", 1, [1, 2, 3]) { script.hear([byte]) }
        let delivery = try #require(await deliveries.next(isolation: #isolation) as? AMQPDelivery)
        #expect(body(delivery) == [1, 2, 3])
        #expect(delivery.tag == AMQPDeliveryTag(number: 1, generation: channel.id.generation))
        #expect(delivery.consumerTag == "c")
        #expect(delivery.routingKey == "q")
        #expect(!delivery.redelivered)
    }

    @Test func acknowledgementsOfATurnLeaveAsOne() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        _ = try await script.consume(channel)
        for tag in 1...5 as ClosedRange<UInt64> { script.hear(PeerFrame.deliver(1, "c", tag, [])) }
        func tag(_ number: UInt64) -> AMQPDeliveryTag {
            AMQPDeliveryTag(number: number, generation: channel.id.generation)
        }
        channel.ack(tag(2))
        channel.nack(tag(4), requeue: true)
        channel.ack(tag(1))
        channel.reject(tag(5), requeue: false)
        channel.ack(tag(3))
        script.turn()
        #expect(script.sent == ["1 basic.nack 4 requeue", "1 basic.reject 5", "1 basic.ack 3 multiple"])
        // Twice, unknown, or of another incarnation: dropped.
        script.forget()
        channel.ack(tag(3))
        channel.ack(tag(6))
        channel.ack(AMQPDeliveryTag(number: 1, generation: channel.id.generation + 1))
        script.turn()
        #expect(script.sent == [])
    }

    @Test func withoutAcknowledgementsTagsMayRepeat() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        var deliveries = try await script.consume(channel, noAck: true)
        script.hear(PeerFrame.deliver(1, "c", 1, [1]), PeerFrame.deliver(1, "c", 1, [2]))
        #expect(body(try #require(await deliveries.next(isolation: #isolation))) == [1])
        #expect(body(try #require(await deliveries.next(isolation: #isolation))) == [2])
    }

    @Test func tagsThatRepeatEndTheConnection() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        _ = try await script.consume(channel)
        script.hear(PeerFrame.deliver(1, "c", 1, [1]), PeerFrame.deliver(1, "c", 1, [2]))
        #expect(await script.end()?.kind == .protocolViolation)
    }

    @Test func aBodyOverTheLimitIsBadAndCanBeRejected() async throws {
        let script = ScriptedConnection(limits: AMQPLimits(maximumBodySize: 3))
        let channel = try await script.openChannel()
        var deliveries = try await script.consume(channel)
        script.hear(PeerFrame.deliver(1, "c", 1, [1, 2, 3, 4]), PeerFrame.deliver(1, "c", 2, [1, 2, 3]))
        let bad = try #require(await deliveries.next(isolation: #isolation) as? AMQPDelivery)
        guard case .bad = bad.content else {
            Issue.record("not bad")
            return
        }
        channel.reject(bad.tag, requeue: false)
        script.turn()
        #expect(script.sent == ["1 basic.reject 1"])
        #expect(body(try #require(await deliveries.next(isolation: #isolation))) == [1, 2, 3])
    }

    @Test func aCancelByTheBrokerIsToldAndNotAnswered() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        var deliveries = try await script.consume(channel)
        script.hear(PeerFrame.cancel(1, "c"), PeerFrame.cancel(1, "c"), PeerFrame.cancel(1, "unknown"))
        let told = await deliveries.next(isolation: #isolation)
        #expect(told != nil)
        #expect(body(told ?? nil) == nil)
        #expect(script.sent == [])
        // The tag is free again.
        _ = try await script.consume(channel)
    }

    @Test func afterACancelNoDeliveryComes() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        var deliveries = try await script.consume(channel)
        let cancelling = Task { try await channel.cancel(consumerTag: "c") }
        await script.run(until: "1 basic.cancel")
        script.hear(PeerFrame.deliver(1, "c", 1, [1]), PeerFrame.cancelOk(1, "c"), PeerFrame.deliver(1, "c", 2, [2]))
        try await cancelling.value
        #expect(body(try #require(await deliveries.next(isolation: #isolation))) == [1])
        // Nobody else would decide about the second.
        #expect(script.sent.last == "1 basic.nack 2 requeue")
    }

    @Test func aTagIsUsedOnceAtATime() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        _ = try await script.consume(channel)
        let second = Task { _ = try await channel.consume("q", tag: "c", onDelivery: { _ in }, onCancel: {}) }
        await script.turnOnCommand()
        #expect(await failure(second)?.kind == .invalidMessage)
        #expect(script.sent == [])
    }

    @Test func getGivesAMessageOrNone() async throws {
        let script = ScriptedConnection()
        let channel = try await script.openChannel()
        let first = Task { try await channel.get("q") }
        await script.run(until: "1 basic.get")
        script.hear(PeerFrame.getOk(1, 1, [1, 2]))
        let delivery = try #require(try await first.value)
        #expect(body(delivery) == [1, 2])
        #expect(delivery.redelivered)
        #expect(delivery.exchange == "e")
        channel.ack(delivery.tag)
        script.turn()
        #expect(script.sent.last == "1 basic.ack 1")
        let second = Task { try await channel.get("q") }
        await script.run(until: "1 basic.get", count: 2)
        script.hear(PeerFrame.getEmpty(1))
        #expect(try await second.value == nil)
    }
}
