import Testing

@testable import RabbitMQClient

@Suite struct HeartbeatTests {
    private let start = MonotonicInstant.now

    @Test func halfAnIntervalWithoutAWriteAsksForAHeartbeat() {
        var heartbeat = Heartbeat(interval: .seconds(10), now: start)
        #expect(heartbeat.deadline(idle: true) == start + .seconds(5))
        #expect(heartbeat.due(at: start + .seconds(4.999), idle: true) == .nothing)
        #expect(heartbeat.due(at: start + .seconds(5), idle: true) == .send)
        heartbeat.wrote(at: start + .seconds(5))
        #expect(heartbeat.due(at: start + .seconds(9.999), idle: true) == .nothing)
        #expect(heartbeat.deadline(idle: true) == start + .seconds(10))
    }

    @Test func noneIsAskedForBehindBytesThatWait() {
        let heartbeat = Heartbeat(interval: .seconds(10), now: start)
        #expect(heartbeat.due(at: start + .seconds(19), idle: false) == .nothing)
        #expect(heartbeat.deadline(idle: false) == start + .seconds(20))
    }

    @Test func twoIntervalsWithoutAByteAreTheEnd() {
        var heartbeat = Heartbeat(interval: .seconds(10), now: start)
        heartbeat.read(at: start + .seconds(3))
        #expect(heartbeat.due(at: start + .seconds(22.999), idle: false) == .nothing)
        #expect(heartbeat.due(at: start + .seconds(23), idle: false) == .peerIsSilent)
        #expect(heartbeat.due(at: start + .seconds(23), idle: true) == .peerIsSilent)
    }

    @Test func zeroMeansNone() {
        let heartbeat = Heartbeat(interval: .zero, now: start)
        #expect(heartbeat.deadline(idle: true) == nil)
        #expect(heartbeat.due(at: start + .seconds(1_000_000), idle: true) == .nothing)
    }
}
