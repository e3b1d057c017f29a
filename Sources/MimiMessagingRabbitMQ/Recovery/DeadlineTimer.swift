import HeapModule
import MimiMessaging

/// Calls back when deadlines pass; one task sleeps for all of them.
///
/// Deadlines are not taken back: whoever is called for something that is over ignores it. They are forgotten when there
/// are many of them, so that they take room for what is under way, not for all that was since the earliest deadline.
final class DeadlineTimer: Sendable {
    private struct Entry: Comparable {
        let deadline: MessagingClock.Instant
        let id: UInt64

        static func < (left: Entry, right: Entry) -> Bool { left.deadline < right.deadline }
    }

    private struct State {
        var entries = Heap<Entry>()
        /// With so many, those that nobody wants any more are forgotten.
        var limit = State.leastLimit
        /// What the sleeping task sleeps for.
        var sleeper: (deadline: MessagingClock.Instant, task: Task<Void, Never>)?
        var isStopped = false

        private static let leastLimit = 1024

        mutating func insert(_ entry: Entry, isWanted: (UInt64) -> Bool) {
            entries.insert(entry)
            guard entries.count >= limit else { return }
            entries = Heap(entries.unordered.filter { isWanted($0.id) })
            limit = max(State.leastLimit, 2 * entries.count)
        }
    }

    private let clock: MessagingClock
    private let isWanted: @Sendable (UInt64) -> Bool
    private let expired: @Sendable (UInt64) -> Void
    private let state = Lock(State())

    /// - Parameters:
    ///   - isWanted: Whether the deadline with an id still means something. It must not schedule one.
    ///   - expired: Called with the id of each deadline that passes.
    init(
        clock: MessagingClock, isWanted: @escaping @Sendable (UInt64) -> Bool,
        expired: @escaping @Sendable (UInt64) -> Void
    ) {
        self.clock = clock
        self.isWanted = isWanted
        self.expired = expired
    }

    deinit { stop() }

    /// How many deadlines are remembered.
    var count: Int { state.withLock { $0.entries.count } }

    /// Calls back for `id` when the deadline has passed.
    func schedule(_ id: UInt64, at deadline: MessagingClock.Instant) {
        let outdated = state.withLock { state -> Task<Void, Never>? in
            guard !state.isStopped else { return nil }
            state.insert(Entry(deadline: deadline, id: id), isWanted: isWanted)
            if let sleeper = state.sleeper, sleeper.deadline <= deadline { return nil }
            defer { state.sleeper = (deadline, sleep(until: deadline)) }
            return state.sleeper?.task
        }
        outdated?.cancel()
    }

    /// Forgets all deadlines.
    func stop() {
        let task = state.withLock { state in
            state.isStopped = true
            state.entries = Heap()
            defer { state.sleeper = nil }
            return state.sleeper?.task
        }
        task?.cancel()
    }

    private func sleep(until deadline: MessagingClock.Instant) -> Task<Void, Never> {
        Task { [clock, weak self] in
            guard (try? await clock.sleep(until: deadline)) != nil else { return }
            self?.fire()
        }
    }

    private func fire() {
        let due = state.withLock { state in
            var due: [UInt64] = []
            let now = clock.now
            while let entry = state.entries.min, entry.deadline <= now {
                due.append(entry.id)
                state.entries.removeMin()
            }
            state.sleeper = state.entries.min.map { ($0.deadline, sleep(until: $0.deadline)) }
            return due
        }
        for id in due { expired(id) }
    }
}
