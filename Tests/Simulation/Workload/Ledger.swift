import MimiMessaging

/// What was sent, what its senders were told, and what was processed.
// Unchecked: a simulation has one thread.
final class Ledger: @unchecked Sendable {
    /// What the sender of a letter was told.
    enum Outcome: Equatable {
        case accepted
        /// It was not sent, and will never be processed.
        case refused(String)
        /// Nobody knows.
        case unknown
    }

    struct Entry {
        let letter: Letter
        var outcome: Outcome?
        var processed = 0
        /// How often the broker has delivered it to those who process it, and how often a handler was given it.
        var delivered = 0
        var handled = 0
        /// A fault took it, or copies of it.
        var isExcused = false
    }

    private(set) var entries: [Int: Entry] = [:]
    private(set) var violations: [String] = []
    private let scheduler: Scheduler

    init(scheduler: Scheduler) { self.scheduler = scheduler }

    var sorted: [Entry] { entries.values.sorted { $0.letter.id < $1.letter.id } }

    /// How often a letter was processed once more than necessary.
    var duplicates: Int { entries.values.reduce(0) { $0 + max(0, $1.processed - 1) } }

    /// Whether each letter that was sent has an outcome.
    var isSettled: Bool { entries.values.allSatisfy { $0.outcome != nil } }

    func violate(_ text: String) {
        scheduler.note("VIOLATION: \(text)")
        violations.append("\(scheduler.now.formatted) \(text)")
    }

    func sent(_ letter: Letter) {
        scheduler.note("send \(letter.kind) \(letter.id), \(letter.fate), within \(letter.timeout)")
        entries[letter.id] = Entry(letter: letter)
    }

    /// A handler sends a letter, for the first time or again. Whether it arrives if that fails, nobody knows.
    func forwarded(_ letter: Letter) {
        guard entries[letter.id] == nil else { return }
        sent(letter)
        ended(letter, .unknown)
    }

    func ended(_ letter: Letter, _ outcome: Outcome) {
        scheduler.note("\(letter.kind) \(letter.id): \(outcome)")
        scheduler.mix(UInt64(letter.id) << 2 | (outcome == .accepted ? 1 : outcome == .unknown ? 2 : 3))
        entries[letter.id]?.outcome = outcome
    }

    func delivered(_ id: Int, from queue: String) {
        if entries[id]?.letter.queue == queue { entries[id]?.delivered += 1 }
    }

    func handled(_ id: Int) {
        entries[id]?.handled += 1
        guard let entry = entries[id], entry.handled > entry.delivered else { return }
        violate("\(id) was handled \(entry.handled) times, but delivered only \(entry.delivered) times")
    }

    func processed(_ id: Int, in queue: String) {
        scheduler.note("processed \(id) in \(queue)")
        guard let entry = entries[id] else { return violate("\(id) was processed, but never sent") }
        if entry.letter.queue != queue { violate("\(id) was processed in \(queue)") }
        if entry.letter.fate == .poison { violate("\(id) is poison and was processed") }
        entries[id]?.processed += 1
    }

    /// A fault took the letter out of a queue.
    func excuse(_ id: Int) { entries[id]?.isExcused = true }

    /// What an error says about the message.
    static func outcome(of error: any Error, for letter: Letter) -> Outcome {
        guard let error = error as? MessagingError else { return .unknown }
        switch error.code {
        case .timeout, .connection, .remote, .topology: return .unknown
        // One queue of several may have refused an event.
        case .rejected where letter.kind == .event: return .unknown
        default: return .refused(error.description)
        }
    }
}
