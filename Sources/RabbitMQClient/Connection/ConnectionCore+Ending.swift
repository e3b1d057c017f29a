extension ConnectionCore {
    /// How long a last frame may take to leave, after the end is decided.
    private static let farewell = Duration.seconds(1)

    static var closedByUs: AMQPError { AMQPError(.closed, "the connection was closed") }

    /// Why nothing is taken any more, or what to say about a channel that is gone.
    private var refusal: AMQPError {
        state.cause ?? AMQPError(.channelClosed, "the channel is closed")
    }

    /// Asks the peer to close. What the verdicts said goes out before.
    func close(timeout: Duration, now: MonotonicInstant) {
        // A blocking broker reads nothing, so there will be no answer to wait for.
        let deadline = shared.isBlocked ? now : now + timeout
        guard state.close(because: Self.closedByUs, until: deadline) else { return }
        for channel in channels where channel?.state.mayEmit == true { channel?.emitVerdicts() }
        loseChannels(because: Self.closedByUs)
        shared.send(.connectionClose(replyCode: 200, replyText: "bye"), channel: 0)
    }

    /// Answers the peer's close. A reset may follow at once; the cause is what the peer said.
    func receiveClose(_ cause: AMQPError, now: MonotonicInstant) {
        guard state.drain(because: cause, until: now + Self.farewell) else { return }
        loseChannels(because: cause)
        shared.send(.connectionCloseOk, channel: 0)
    }

    /// The peer breaks the protocol: says so, and goes.
    func fail(because cause: AMQPError, now: MonotonicInstant) {
        guard state.drain(because: cause, until: now + Self.farewell) else { return }
        loseChannels(because: cause)
        shared.send(.connectionClose(replyCode: 501, replyText: "FRAME_ERROR"), channel: 0)
    }

    /// Everything that could leave has left, or nothing can any more.
    func finish(because cause: AMQPError) {
        state.finish(because: cause)
        loseChannels(because: state.cause ?? cause)
    }

    /// Says no to a command that comes too late.
    func refuse(_ command: Command, now: MonotonicInstant) {
        switch command {
        case .openChannel(let opening): refuse(opening, refusal)
        case .call(_, _, let waiter): shared.resumptions.answer(waiter.reply, .failure(refusal))
        case .publish(_, let request, let waiter):
            let isCancelled = !request.begin(waiter, now: now, standardTimeout: .zero)
            _ = request.end()
            shared.resumptions.publishFailed(waiter, isCancelled ? CancellationError() : refusal)
        case .cancelPublish(_, let request):
            if let waiter = request.end() { shared.resumptions.publishFailed(waiter, CancellationError()) }
        case .decide: break
        case .closeChannel(_, let waiter): shared.resumptions.done(waiter)
        case .close(let timeout, let waiter):
            if let waiter { closers.append(waiter) }
            close(timeout: timeout, now: now)
        }
    }

    /// Says no to a channel that is wanted.
    func refuse(_ opening: ChannelOpening, _ error: AMQPError) {
        opening.events.yield(.closed(error))
        opening.events.finish()
        shared.resumptions.opened(opening.waiter, .failure(error))
    }

    /// The last word: nobody hears of this connection after it.
    func announceEnd() {
        shared.resumptions.resumeAll()
        events.yield(.closed(state.cause ?? Self.closedByUs))
        events.finish()
    }

    private func loseChannels(because cause: AMQPError) {
        for channel in channels { channel?.lose(because: cause) }
        channels = [nil]
    }
}
