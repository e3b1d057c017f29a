import DequeModule

extension ChannelCore {
    /// Does what the state machine says. `cause` is the peer's reason for a close.
    func carryOut(
        _ action: ChannelState.Action, _ method: IncomingMethod, _ cause: AMQPError? = nil
    ) throws(AMQPError) {
        switch action {
        case .nothing: break
        case .announceOpen:
            handshakeDeadline = nil
            if let opener { shared.resumptions.opened(opener, .success(id.number)) }
            opener = nil
        case .answerClose:
            shared.send(.channelCloseOk, channel: id.number)
        case .answerCloseAndEnd:
            handshakeDeadline = nil
            end(because: cause ?? Self.outOfTurn(method))
        case .free:
            releaseClosers()
        case .sendClose, .violation:
            throw Self.outOfTurn(method)
        }
    }

    /// Closes on the caller's wish.
    func close(_ waiter: CheckedContinuation<Void, Never>, now: MonotonicInstant) {
        closers.append(waiter)
        giveUp(AMQPError(.closed, "the channel was closed"), now: now)
    }

    /// Ends everything on this channel and asks the peer to close it.
    func giveUp(_ cause: AMQPError, now: MonotonicInstant) {
        guard state.close() == .sendClose else { return }
        handshakeDeadline = now + shared.methodTimeout
        end(because: cause)
    }

    /// Ends everything on this channel with its connection.
    func lose(because cause: AMQPError) {
        end(because: cause)
        releaseClosers()
    }

    /// Tells everybody who waits, and forgets what they waited for. Verdicts stay: they may still leave before a close.
    private func end(because cause: AMQPError) {
        if let opener { shared.resumptions.opened(opener, .failure(cause)) }
        opener = nil
        for call in calls.removeAll() { shared.resumptions.answer(call.waiter.reply, .failure(cause)) }
        for request in backlog.removeAll() { fail(request, cause) }
        var unknown = cause
        unknown.mayHaveReachedBroker = true
        if let unfinished { fail(unfinished.request, unknown) }
        confirms?.removeAll { publish in
            shared.budget.giveBack(publish.request.message.body.count)
            fail(publish.request, unknown)
        }
        publishDeadline = nil
        consumers = []
        events.yield(.closed(cause))
        events.finish()
    }

    func releaseClosers() {
        for closer in closers { shared.resumptions.done(closer) }
        closers = []
    }
}
