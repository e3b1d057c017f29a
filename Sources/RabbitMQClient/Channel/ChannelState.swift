/// Where one channel stands: who has asked for what and whether the number may be used again.
struct ChannelState {
    /// The phases of a channel number in use.
    enum Phase: Equatable {
        /// `channel.open` is out.
        case opening
        case open
        /// We gave the channel up, but `channel.close` has not been sent: a body may be half out.
        case leaving
        /// Our `channel.close` is out; only handshakes are listened to.
        case closing
        /// The peer has closed the channel, but our answer has not been sent: a body may be half out.
        case answering
        /// Both sides know; the number is free.
        case closed
    }

    /// What has to be done.
    enum Action: Equatable {
        case nothing
        /// The channel can be used.
        case announceOpen
        /// Fail everything, send `channel.close` as soon as no body is half out, then say ``ChannelState/sentClose()``.
        case sendClose
        /// Fail everything with the peer's reason, send `channel.close-ok` as soon as no body is half out, then say
        /// ``ChannelState/sentCloseOk()``.
        case answerCloseAndEnd
        /// Send `channel.close-ok`; the answer to our own close is still to come.
        case answerClose
        /// Free the number.
        case free
        /// The peer breaks the protocol.
        case violation
    }

    private(set) var phase = Phase.opening
    /// Whether the peer's close has crossed ours, and was answered: there is no second one.
    private var hasAnswered = false

    /// Whether methods other than handshakes may be sent.
    var mayEmit: Bool { phase == .open }

    /// `channel.open-ok` came.
    mutating func receivedOpenOk() -> Action {
        switch phase {
        case .opening:
            phase = .open
            return .announceOpen
        case .leaving, .closing: return .nothing
        case .open, .answering, .closed: return .violation
        }
    }

    /// `channel.close` came.
    mutating func receivedClose() -> Action {
        switch phase {
        case .opening, .open, .leaving:
            phase = .answering
            return .answerCloseAndEnd
        case .closing:
            defer { hasAnswered = true }
            return hasAnswered ? .violation : .answerClose
        case .answering: return .violation
        case .closed: return .nothing
        }
    }

    /// `channel.close-ok` came.
    mutating func receivedCloseOk() -> Action {
        switch phase {
        case .closing:
            phase = .closed
            return .free
        case .opening, .open, .leaving, .answering: return .violation
        case .closed: return .nothing
        }
    }

    /// We want it closed: asked for, or given up because a method was not answered in time.
    mutating func close() -> Action {
        switch phase {
        case .opening, .open:
            phase = .leaving
            return .sendClose
        case .leaving, .closing, .answering, .closed: return .nothing
        }
    }

    /// `channel.close` was encoded.
    mutating func sentClose() {
        if phase == .leaving { phase = .closing }
    }

    /// The answer to the peer's `channel.close` was encoded: the number is free.
    mutating func sentCloseOk() {
        if phase == .answering { phase = .closed }
    }
}
