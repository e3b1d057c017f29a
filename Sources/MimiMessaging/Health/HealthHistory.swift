/// What was known of the health of a bus, to tell how long an obstacle has lasted and who has to hear of a change. A pure
/// value.
struct HealthHistory: Sendable {
    /// An obstacle is the same as long as it is of the same kind and about the same thing; its reason may change.
    private struct Key: Hashable {
        let kind: BusObstacle.Kind
        let subject: String

        init(_ obstacle: BusObstacle) {
            kind = obstacle.kind
            subject = obstacle.subject
        }
    }

    private var since: [Key: MessagingClock.Instant] = [:]
    private var lastTicket = 0
    private var newestSeen = 0
    /// What each listener has heard last.
    private var heard: [Int: BusHealth?] = [:]

    /// Taken before a look at the bus: of two looks that overlap, the one that began later counts.
    mutating func ticket() -> Int {
        lastTicket += 1
        return lastTicket
    }

    /// Adds somebody who has heard nothing yet.
    mutating func addListener(_ id: Int) { heard[id] = .some(nil) }

    mutating func removeListener(_ id: Int) { heard[id] = nil }

    /// Notes what a look has shown.
    /// - Returns: Who has to hear of it; nil if a newer look was noted before.
    mutating func note(_ health: BusHealth, ticket: Int, at now: MessagingClock.Instant) -> [Int]? {
        guard ticket > newestSeen else { return nil }
        newestSeen = ticket
        let keys = health.obstacles.map(Key.init)
        since = Dictionary(keys.map { ($0, since[$0] ?? now) }) { first, _ in first }
        let listeners = heard.filter { $0.value != health }.keys
        for id in listeners { heard[id] = health }
        return Array(listeners)
    }

    /// How long an obstacle has lasted; zero if it is not known.
    func age(of obstacle: BusObstacle, at now: MessagingClock.Instant) -> Duration {
        since[Key(obstacle)]?.duration(to: now) ?? .zero
    }
}
