import Testing

@testable import RabbitMQClient

@Suite struct ChannelStateTests {
    private func opened() -> ChannelState {
        var state = ChannelState()
        #expect(state.receivedOpenOk() == .announceOpen)
        return state
    }

    @Test func `only an open channel emits`() {
        var state = ChannelState()
        #expect(!state.mayEmit)
        #expect(state.receivedOpenOk() == .announceOpen)
        #expect(state.mayEmit)
        #expect(state.close() == .sendClose)
        #expect(!state.mayEmit)
        #expect(state.receivedCloseOk() == .free)
        #expect(state.phase == .closed)
    }

    @Test func `the peer's close is answered and frees the number`() {
        var state = opened()
        #expect(state.receivedClose() == .answerCloseAndFree)
        #expect(state.phase == .closed)
    }

    @Test func `closes that cross are both answered`() {
        var state = opened()
        #expect(state.close() == .sendClose)
        #expect(state.receivedClose() == .answerClose)
        #expect(state.phase == .closing)
        #expect(state.receivedCloseOk() == .free)
    }

    @Test func `an opening that was given up is closed`() {
        var state = ChannelState()
        #expect(state.close() == .sendClose)
        #expect(state.receivedOpenOk() == .nothing)
        #expect(state.receivedCloseOk() == .free)
    }

    @Test func `an opening may be refused`() {
        var state = ChannelState()
        #expect(state.receivedClose() == .answerCloseAndFree)
    }

    @Test func `answers to nothing are violations`() {
        var state = opened()
        #expect(state.receivedOpenOk() == .violation)
        #expect(state.receivedCloseOk() == .violation)
        var opening = ChannelState()
        #expect(opening.receivedCloseOk() == .violation)
    }

    @Test func `closing twice sends once`() {
        var state = opened()
        #expect(state.close() == .sendClose)
        #expect(state.close() == .nothing)
        #expect(state.receivedCloseOk() == .free)
        #expect(state.close() == .nothing)
        #expect(state.receivedClose() == .nothing)
        #expect(state.receivedCloseOk() == .nothing)
    }
}
