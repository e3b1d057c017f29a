import Testing

@testable import RabbitMQClient

@Suite struct ConnectionStateTests {
    private let now = ContinuousClock.now
    private let ours = AMQPError(.closed, "ours")
    private let theirs = AMQPError(.closedByBroker, "theirs")
    private let reset = AMQPError(.connectionLost, "reset")

    @Test func `our close waits for an answer`() {
        var state = ConnectionState()
        #expect(state.close(because: ours, until: now) == true)
        #expect(!state.isOpen)
        #expect(state.isReading)
        #expect(state.deadline == now)
        state.finish(because: reset)
        #expect(state.phase == .closed)
        #expect(state.cause?.kind == .closed)
    }

    @Test func `a second close can shorten the wait only`() {
        var state = ConnectionState()
        #expect(state.close(because: ours, until: now + .seconds(5)) == true)
        #expect(state.close(because: ours, until: now + .seconds(1)) == false)
        #expect(state.deadline == now + .seconds(1))
        #expect(state.close(because: ours, until: now + .seconds(9)) == false)
        #expect(state.deadline == now + .seconds(1))
    }

    @Test func `what the peer said stays the cause`() {
        var state = ConnectionState()
        #expect(state.drain(because: theirs, until: now) == true)
        #expect(!state.isReading)
        #expect(state.drain(because: reset, until: now) == false)
        #expect(state.close(because: ours, until: now) == false)
        state.finish(because: reset)
        #expect(state.cause?.kind == .closedByBroker)
        #expect(state.deadline == nil)
    }

    @Test func `the peer's close while we close keeps our cause`() {
        var state = ConnectionState()
        #expect(state.close(because: ours, until: now) == true)
        #expect(state.drain(because: theirs, until: now + .seconds(1)) == true)
        #expect(state.cause?.kind == .closed)
    }

    @Test func `a loss is the cause of an open connection's end`() {
        var state = ConnectionState()
        state.finish(because: reset)
        #expect(state.cause?.kind == .connectionLost)
        #expect(state.close(because: ours, until: now) == false)
    }
}
