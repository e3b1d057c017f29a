import Testing

@testable import RabbitMQClient

@Suite struct ChannelStateTests {
    private func opened() -> ChannelState {
        var state = ChannelState()
        #expect(state.receivedOpenOk() == .announceOpen)
        return state
    }

    @Test func onlyAnOpenChannelEmits() {
        var state = ChannelState()
        #expect(!state.mayEmit)
        #expect(state.receivedOpenOk() == .announceOpen)
        #expect(state.mayEmit)
        #expect(state.close() == .sendClose)
        #expect(!state.mayEmit)
        #expect(state.phase == .leaving)
        state.sentClose()
        #expect(state.phase == .closing)
        #expect(state.receivedCloseOk() == .free)
        #expect(state.phase == .closed)
    }

    @Test func thePeersCloseIsAnsweredAndFreesTheNumber() {
        var state = opened()
        #expect(state.receivedClose() == .answerCloseAndEnd)
        #expect(state.phase == .answering)
        #expect(!state.mayEmit)
        #expect(state.close() == .nothing)
        state.sentCloseOk()
        #expect(state.phase == .closed)
    }

    @Test func closesThatCrossAreBothAnswered() {
        var state = opened()
        #expect(state.close() == .sendClose)
        state.sentClose()
        #expect(state.receivedClose() == .answerClose)
        #expect(state.phase == .closing)
        var again = state
        #expect(again.receivedClose() == .violation)
        #expect(state.receivedCloseOk() == .free)
    }

    @Test func anOpeningThatWasGivenUpIsClosed() {
        var state = ChannelState()
        #expect(state.close() == .sendClose)
        state.sentClose()
        #expect(state.receivedOpenOk() == .nothing)
        #expect(state.receivedCloseOk() == .free)
    }

    @Test func anOpeningMayBeRefused() {
        var state = ChannelState()
        #expect(state.receivedClose() == .answerCloseAndEnd)
    }

    /// After the answer nothing may be sent on the number, not even the close that was about to go.
    @Test func thePeersCloseComesBeforeOursIsSent() {
        var state = opened()
        #expect(state.close() == .sendClose)
        #expect(state.receivedClose() == .answerCloseAndEnd)
        state.sentClose()
        #expect(state.phase == .answering)
        state.sentCloseOk()
        #expect(state.phase == .closed)
    }

    @Test func answersToNothingAreViolations() {
        var state = opened()
        #expect(state.receivedOpenOk() == .violation)
        #expect(state.receivedCloseOk() == .violation)
        var leaving = opened()
        #expect(leaving.close() == .sendClose)
        #expect(leaving.receivedCloseOk() == .violation)
        var opening = ChannelState()
        #expect(opening.receivedCloseOk() == .violation)
        var answering = opened()
        #expect(answering.receivedClose() == .answerCloseAndEnd)
        #expect(answering.receivedClose() == .violation)
        #expect(answering.receivedCloseOk() == .violation)
    }

    @Test func closingTwiceSendsOnce() {
        var state = opened()
        #expect(state.close() == .sendClose)
        #expect(state.close() == .nothing)
        state.sentClose()
        #expect(state.close() == .nothing)
        #expect(state.receivedCloseOk() == .free)
        #expect(state.close() == .nothing)
        #expect(state.receivedClose() == .nothing)
        #expect(state.receivedCloseOk() == .nothing)
    }
}
