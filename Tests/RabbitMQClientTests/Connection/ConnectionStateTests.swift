import Testing

@testable import RabbitMQClient

@Suite struct ConnectionStateTests {
    private let now = MonotonicInstant.now
    private let ours = AMQPError(.closed, "ours")
    private let theirs = AMQPError(.closedByBroker, "theirs")
    private let reset = AMQPError(.connectionLost, "reset")

    @Test func ourCloseWaitsForAnAnswer() {
        var state = ConnectionState()
        #expect(state.close(because: ours, until: now) == true)
        #expect(!state.isOpen)
        #expect(state.isReading)
        #expect(state.deadline == now)
        state.finish(because: reset)
        #expect(state.phase == .closed)
        #expect(state.cause?.kind == .closed)
    }

    @Test func aSecondCloseCanShortenTheWaitOnly() {
        var state = ConnectionState()
        #expect(state.close(because: ours, until: now + .seconds(5)) == true)
        #expect(state.close(because: ours, until: now + .seconds(1)) == false)
        #expect(state.deadline == now + .seconds(1))
        #expect(state.close(because: ours, until: now + .seconds(9)) == false)
        #expect(state.deadline == now + .seconds(1))
    }

    @Test func whatThePeerSaidStaysTheCause() {
        var state = ConnectionState()
        #expect(state.drain(because: theirs, until: now) == true)
        #expect(!state.isReading)
        #expect(state.drain(because: reset, until: now) == false)
        #expect(state.close(because: ours, until: now) == false)
        state.finish(because: reset)
        #expect(state.cause?.kind == .closedByBroker)
        #expect(state.deadline == nil)
    }

    @Test func thePeersCloseWhileWeCloseKeepsOurCause() {
        var state = ConnectionState()
        #expect(state.close(because: ours, until: now) == true)
        #expect(state.drain(because: theirs, until: now + .seconds(1)) == true)
        #expect(state.cause?.kind == .closed)
    }

    @Test func aLossIsTheCauseOfAnOpenConnectionsEnd() {
        var state = ConnectionState()
        state.finish(because: reset)
        #expect(state.cause?.kind == .connectionLost)
        #expect(state.close(because: ours, until: now) == false)
    }
}
