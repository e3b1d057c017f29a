/// Where the connection stands after the login.
struct ConnectionState {
    /// The phases of a connection.
    enum Phase: Equatable {
        case open
        /// Our `connection.close` is out; its answer is waited for until the deadline.
        case closing(until: MonotonicInstant)
        /// The end is decided; what is in the out buffer may still leave until the deadline.
        case draining(until: MonotonicInstant)
        /// Nothing is read or written any more.
        case closed
    }

    private(set) var phase = Phase.open
    /// Why the connection ends, once that is decided. The first cause stays: a reset that follows the peer's
    /// `connection.close` is not news.
    private(set) var cause: AMQPError?

    /// Whether channels and messages are served.
    var isOpen: Bool { phase == .open }

    /// Whether frames of the peer are still of interest.
    var isReading: Bool {
        switch phase {
        case .open, .closing: true
        case .draining, .closed: false
        }
    }

    /// When the present phase has to end.
    var deadline: MonotonicInstant? {
        switch phase {
        case .closing(let until), .draining(let until): until
        case .open, .closed: nil
        }
    }

    /// We want to close. Returns whether `connection.close` is to be sent now; a second wish can only shorten the
    /// wait.
    mutating func close(because cause: AMQPError, until deadline: MonotonicInstant) -> Bool {
        switch phase {
        case .open:
            phase = .closing(until: deadline)
            self.cause = cause
            return true
        case .closing(let until):
            phase = .closing(until: min(until, deadline))
            return false
        case .draining, .closed:
            return false
        }
    }

    /// The end is decided; only what is already encoded may leave until `deadline`. Returns false if it was decided
    /// before.
    mutating func drain(because cause: AMQPError, until deadline: MonotonicInstant) -> Bool {
        switch phase {
        case .open, .closing:
            phase = .draining(until: deadline)
            if self.cause == nil { self.cause = cause }
            return true
        case .draining, .closed:
            return false
        }
    }

    /// Nothing more can be done with the socket.
    mutating func finish(because cause: AMQPError) {
        phase = .closed
        if self.cause == nil { self.cause = cause }
    }
}
