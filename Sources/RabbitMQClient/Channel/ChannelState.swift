/// Where one channel stands: who has asked for what and whether the number may be used again.
struct ChannelState {
    /// The phases of a channel number in use.
    enum Phase: Equatable {
        /// `channel.open` is out.
        case opening
        case open
        /// We gave the channel up; `channel.close` is out or about to go, and only handshakes are listened to.
        case closing
        /// Both sides know; the number is free.
        case closed
    }

    /// What has to be done.
    enum Action: Equatable {
        case nothing
        /// The channel can be used.
        case announceOpen
        /// Send `channel.close`, fail everything.
        case sendClose
        /// Send `channel.close-ok`, fail everything with the peer's reason, free the number.
        case answerCloseAndFree
        /// Send `channel.close-ok`; the answer to our own close is still to come.
        case answerClose
        /// Free the number.
        case free
        /// The peer breaks the protocol.
        case violation
    }

    private(set) var phase = Phase.opening

    /// Whether methods other than handshakes may be sent.
    var mayEmit: Bool { phase == .open }

    /// `channel.open-ok` came.
    mutating func receivedOpenOk() -> Action {
        switch phase {
        case .opening:
            phase = .open
            return .announceOpen
        case .closing: return .nothing
        case .open, .closed: return .violation
        }
    }

    /// `channel.close` came.
    mutating func receivedClose() -> Action {
        switch phase {
        case .opening, .open:
            phase = .closed
            return .answerCloseAndFree
        case .closing: return .answerClose
        case .closed: return .nothing
        }
    }

    /// `channel.close-ok` came.
    mutating func receivedCloseOk() -> Action {
        switch phase {
        case .closing:
            phase = .closed
            return .free
        case .opening, .open: return .violation
        case .closed: return .nothing
        }
    }

    /// We want it closed: asked for, or given up because a method was not answered in time.
    mutating func close() -> Action {
        switch phase {
        case .opening, .open:
            phase = .closing
            return .sendClose
        case .closing, .closed: return .nothing
        }
    }
}
