import Testing

@testable import RabbitMQClient

@Suite struct HeartbeatTests {
    private let start = ContinuousClock.now

    @Test func `half an interval without a write asks for a heartbeat`() {
        var heartbeat = Heartbeat(interval: .seconds(10), now: start)
        #expect(heartbeat.deadline(idle: true) == start + .seconds(5))
        #expect(heartbeat.due(at: start + .seconds(4.999), idle: true) == .nothing)
        #expect(heartbeat.due(at: start + .seconds(5), idle: true) == .send)
        heartbeat.wrote(at: start + .seconds(5))
        #expect(heartbeat.due(at: start + .seconds(9.999), idle: true) == .nothing)
        #expect(heartbeat.deadline(idle: true) == start + .seconds(10))
    }

    @Test func `none is asked for behind bytes that wait`() {
        let heartbeat = Heartbeat(interval: .seconds(10), now: start)
        #expect(heartbeat.due(at: start + .seconds(19), idle: false) == .nothing)
        #expect(heartbeat.deadline(idle: false) == start + .seconds(20))
    }

    @Test func `two intervals without a byte are the end`() {
        var heartbeat = Heartbeat(interval: .seconds(10), now: start)
        heartbeat.read(at: start + .seconds(3))
        #expect(heartbeat.due(at: start + .seconds(22.999), idle: false) == .nothing)
        #expect(heartbeat.due(at: start + .seconds(23), idle: false) == .peerIsSilent)
        #expect(heartbeat.due(at: start + .seconds(23), idle: true) == .peerIsSilent)
    }

    @Test func `zero means none`() {
        let heartbeat = Heartbeat(interval: .zero, now: start)
        #expect(heartbeat.deadline(idle: true) == nil)
        #expect(heartbeat.due(at: start + .seconds(1_000_000), idle: true) == .nothing)
    }
}
