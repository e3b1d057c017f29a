/// When to send a heartbeat and when to give the peer up.
struct Heartbeat {
    /// What is due.
    enum Due: Equatable {
        case nothing
        case send
        case peerIsSilent
    }

    /// The negotiated interval; zero means that there are no heartbeats.
    let interval: Duration
    private var lastWrite: MonotonicInstant
    private var lastRead: MonotonicInstant

    init(interval: Duration, now: MonotonicInstant) {
        self.interval = interval
        lastWrite = now
        lastRead = now
    }

    /// Notes that bytes were handed to the transport.
    mutating func wrote(at now: MonotonicInstant) { lastWrite = now }

    /// Notes that bytes came.
    mutating func read(at now: MonotonicInstant) { lastRead = now }

    /// When ``due(at:idle:)`` has to be asked next; nil without heartbeats.
    ///
    /// - Parameter idle: whether nothing waits to be written. If something does, the peer hears of us as soon as
    ///   it reads, and a heartbeat behind it would tell it nothing.
    func deadline(idle: Bool) -> MonotonicInstant? {
        guard interval > .zero else { return nil }
        let silent = lastRead + interval * 2
        return idle ? min(lastWrite + interval / 2, silent) : silent
    }

    /// What is due at `now`: a heartbeat after half an interval without a write, the end after two without a byte.
    func due(at now: MonotonicInstant, idle: Bool) -> Due {
        guard interval > .zero else { return .nothing }
        if now >= lastRead + interval * 2 { return .peerIsSilent }
        return idle && now >= lastWrite + interval / 2 ? .send : .nothing
    }
}
