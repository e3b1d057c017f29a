import MimiMessaging

/// One message of the workload: what it is, and what its handler will do.
struct Letter {
    enum Kind: CaseIterable {
        case command, event, query
    }

    /// What the handler does.
    enum Fate: String {
        case succeeds
        /// Fails a few times, then succeeds.
        case stumbles
        /// Says that it cannot take the message now, once.
        case postpones
        /// Succeeds when it has sent an event.
        case forwards
        /// Fails for good.
        case poison
    }

    let id: Int
    let kind: Kind
    let fate: Fate
    /// How long the first attempt of the handler takes, in milliseconds.
    let work: Int
    /// How long the caller waits.
    let timeout: Duration

    /// A letter of any kind.
    init(id: Int, random: inout Generator) {
        self.id = id
        kind = random.pick([.command, .command, .command, .event, .event, .query]) ?? .command
        let fates: [Fate] = [.stumbles, .postpones, .forwards, .poison]
        fate = random.once(in: 2) ? .succeeds : random.pick(fates) ?? .succeeds
        work = random.once(in: 8) ? random.number(500...2000) : random.number(0...50)
        timeout = random.once(in: 4) ? random.milliseconds(50...2000) : .seconds(10)
    }

    /// One that everything must go well with.
    init(probe id: Int, kind: Kind) {
        self.id = id
        self.kind = kind
        fate = .succeeds
        work = 1
        timeout = .seconds(5)
    }

    /// The event that the handler of another letter sends.
    init(forwardedFrom id: Int) {
        self.id = 500 + id
        kind = .event
        fate = .succeeds
        work = 1
        timeout = .seconds(2)
    }

    /// What travels with the message.
    var headers: MessageHeaders { ["n": "\(id)", "fate": fate.rawValue, "work": "\(work)"] }

    /// Where it is processed.
    var queue: String { kind == .event ? "billing" : "orders" }
}

/// A received letter, as its handler sees it.
struct ReceivedLetter {
    let id: Int
    let fate: Letter.Fate
    let work: Int

    init?(_ headers: MessageHeaders) {
        guard let id = headers["n"].flatMap({ Int($0) }), let fate = headers["fate"].flatMap(Letter.Fate.init),
            let work = headers["work"].flatMap({ Int($0) })
        else { return nil }
        self.id = id
        self.fate = fate
        self.work = work
    }
}
