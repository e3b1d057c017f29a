import HeapModule
import RabbitMQClient

/// What happens next in a simulated world, and what time it is there. Everything that runs, runs from here: the jobs of
/// Swift concurrency, the turns of connections, the broker, the faults.
///
/// What can run is picked by the seed. Time stands still until nothing can run, and then jumps to the next timer.
// Unchecked: a simulation has one thread.
final class Scheduler: @unchecked Sendable {
    /// How the next of the things that can run is picked.
    enum Order: CaseIterable {
        case any, mostlyOldest, mostlyNewest, oldest
    }

    private enum Work {
        case job(UnownedJob)
        case action(() -> Void)
    }

    private struct Timer: Comparable {
        let time: Duration
        let number: UInt64
        let action: () -> Void

        static func < (left: Timer, right: Timer) -> Bool { (left.time, left.number) < (right.time, right.number) }
        static func == (left: Timer, right: Timer) -> Bool { left.number == right.number }
    }

    /// What the client's clock showed when virtual time began.
    private static let epoch = MonotonicInstant.now

    private(set) var now = Duration.zero
    var random: Generator
    /// Called before each job, which is to say at each await that suspended.
    var atEachAwait: () -> Void = {}
    private(set) var steps = 0
    /// Differs if anything happened in another order or at another time.
    private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    /// What was noted, if anybody wants to read it.
    private(set) var notes: [String]?
    private let order: Order
    private var ready: [Work] = []
    private var timers = Heap<Timer>()
    private var timerCount: UInt64 = 0

    init(seed: UInt64, keepsNotes: Bool) {
        var random = Generator(seed: seed)
        order = random.pick(Order.allCases) ?? .any
        self.random = random
        notes = keepsNotes ? [] : nil
    }

    /// Virtual time for the client.
    var instant: MonotonicInstant { Self.epoch + now }

    /// The virtual time that the client means by an instant.
    func time(of instant: MonotonicInstant) -> Duration { Self.epoch.duration(to: instant) }

    /// Whether something can run without time passing.
    var isBusy: Bool { !ready.isEmpty }

    func enqueue(_ job: UnownedJob) { ready.append(.job(job)) }

    /// Runs something as soon as it is its turn.
    func soon(_ action: @escaping () -> Void) { ready.append(.action(action)) }

    /// Runs something after a while.
    func after(_ delay: Duration, _ action: @escaping () -> Void) { at(now + max(delay, .zero), action) }

    /// Runs something at a point in time.
    func at(_ time: Duration, _ action: @escaping () -> Void) {
        timerCount += 1
        timers.insert(Timer(time: max(time, now), number: timerCount, action: action))
    }

    /// Writes a line of the history.
    func note(_ text: @autoclosure () -> String) {
        guard notes != nil else { return }
        notes?.append("\(now.formatted) \(text())")
    }

    /// Mixes a number into ``digest``.
    func mix(_ number: UInt64) { digest = (digest ^ number) &* 0x100_0000_01b3 }

    /// Lets the world go on until `limit`, or until `isOver`.
    /// - Returns: Whether it was over.
    @discardableResult
    func run(until limit: Duration, or isOver: () -> Bool = { false }) -> Bool {
        while !isOver() {
            if ready.isEmpty {
                guard let next = timers.min, next.time <= limit else {
                    now = max(now, limit)
                    return false
                }
                now = next.time
                while let due = timers.min, due.time <= now {
                    ready.append(.action(due.action))
                    timers.removeMin()
                }
            }
            step()
        }
        return true
    }

    private func step() {
        steps += 1
        let index = pickIndex()
        mix(UInt64(bitPattern: now.components.seconds))
        mix(UInt64(bitPattern: now.components.attoseconds))
        mix(UInt64(index << 32 | ready.count))
        switch ready.remove(at: index) {
        case .job(let job):
            atEachAwait()
            unsafe job.runSynchronously(on: GlobalExecutor.generic)
        case .action(let action): action()
        }
    }

    private func pickIndex() -> Int {
        switch order {
        case .any: random.below(ready.count)
        case .oldest: 0
        case .mostlyOldest: random.once(in: 8) ? random.below(ready.count) : 0
        case .mostlyNewest: random.once(in: 8) ? random.below(ready.count) : ready.count - 1
        }
    }
}

extension Duration {
    /// Seconds with six digits, for the history.
    var formatted: String {
        let microseconds = String(components.attoseconds / 1_000_000_000_000 + 1_000_000)
        return "\(components.seconds).\(microseconds.dropFirst())"
    }
}
