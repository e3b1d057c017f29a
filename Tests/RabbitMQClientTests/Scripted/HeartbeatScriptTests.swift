import Testing

@testable import RabbitMQClient

/// Heartbeats of a whole connection under virtual time.
@Suite(.timeLimit(.minutes(1))) struct HeartbeatScriptTests {
    @Test func silenceOfOursIsFilled() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        #expect(script.loop.core.nextDeadline == script.now + .seconds(5))
        for _ in 0..<6 {
            script.pass(.seconds(2))
            script.hear(PeerFrame.heartbeat)
        }
        #expect(script.sent == ["heartbeat", "heartbeat"])
    }

    @Test func trafficOfOursTakesTheirPlace() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        let channel = try await script.openChannel(confirms: true)
        for tag in 1...5 as ClosedRange<UInt64> {
            let publish = await script.publish(channel)
            script.hear(PeerFrame.ack(1, tag))
            try await publish.value
            script.pass(.seconds(4))
        }
        #expect(!script.sent.contains("heartbeat"))
    }

    @Test func aSilentPeerIsGivenUpAfterTwoIntervals() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        let channel = try await script.openChannel(confirms: true)
        let publish = await script.publish(channel, within: .seconds(60))
        script.pass(.milliseconds(19_999))
        #expect(!script.hasFinished)
        script.pass(.milliseconds(1))
        #expect(script.hasFinished)
        #expect(await failure(publish)?.kind == .heartbeatLost)
        #expect(await script.end()?.kind == .heartbeatLost)
    }

    @Test func anyByteOfThePeerCounts() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        for byte in PeerFrame.heartbeat {
            script.pass(.seconds(19))
            script.hear([byte])
        }
        #expect(!script.hasFinished)
    }

    @Test func bytesThatWaitedDuringASleepOfTheProcessCount() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        script.transport.incoming += PeerFrame.heartbeat
        script.pass(.seconds(3600))
        #expect(!script.hasFinished)
    }

    @Test func behindBytesThatWaitNoHeartbeatIsAdded() async throws {
        let script = ScriptedConnection(heartbeat: .seconds(10))
        let channel = try await script.openChannel(confirms: true)
        script.transport.room = 5
        _ = script.enqueue(channel)
        await script.turnOnCommand()
        let waiting = script.loop.core.shared.writer.count
        script.pass(.seconds(6))
        script.hear(PeerFrame.heartbeat)
        #expect(script.loop.core.shared.writer.count == waiting)
        // Frames come out whole.
        script.transport.room = .max
        script.turn()
        #expect(script.sent == ["1 basic.publish", "1 header", "1 body 1"])
    }

    @Test func withoutHeartbeatsNothingIsDue() async throws {
        let script = ScriptedConnection(heartbeat: .zero)
        #expect(script.loop.core.nextDeadline == nil)
        script.pass(.seconds(86_400))
        #expect(!script.hasFinished)
        #expect(script.sent == [])
    }
}
