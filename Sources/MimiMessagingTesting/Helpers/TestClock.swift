import MimiMessaging

/// A clock that stands still until a test moves it.
///
/// ```swift
/// let clock = TestClock()
/// let bus = try MessageBus(options: ["mq_adapter": "memory"], clock: MessagingClock(clock))
/// // … something sleeps: a retry delay, a time limit …
/// await clock.waitForSleepers(1)
/// clock.advance(by: .seconds(5))
/// ```
public final class TestClock: Clock, Sendable {
    /// A point in time: the distance from where the clock started.
    public struct Instant: InstantProtocol {
        let offset: Duration

        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        public func duration(to other: Instant) -> Duration { other.offset - offset }

        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let state = Lock(TestClockState())

    /// Creates a clock that stands at its start.
    public init() {}

    public var now: Instant { Instant(offset: state.withLock { $0.now }) }

    public var minimumResolution: Duration { .nanoseconds(1) }

    /// The number of tasks that sleep on this clock now.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Moves the clock and wakes everybody whose time has come, the earliest first.
    ///
    /// The clock jumps: who sleeps again after waking up starts from the new time. A negative duration moves nothing.
    public func advance(by duration: Duration) {
        for continuation in state.withLock({ $0.advance(by: duration) }) { continuation.resume() }
    }

    /// Returns when at least this many tasks sleep on this clock, or when its own task is cancelled.
    public func waitForSleepers(_ count: Int) async {
        let id = state.withLock { $0.makeID() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { $0.watch(id, count, continuation, isCancelled: Task.isCancelled) }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    /// Sleeps until a test has moved the clock to a point in time.
    /// - Throws: `CancellationError` at once if the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { $0.makeID() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let start = state.withLock {
                    $0.sleep(id, until: deadline.offset, continuation, isCancelled: Task.isCancelled)
                }
                switch start {
                case .over: continuation.resume()
                case .cancelled: continuation.resume(throwing: CancellationError())
                case .asleep(let watchers): for watcher in watchers { watcher.resume() }
                }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Who sleeps on a ``TestClock`` and who watches the sleepers. Continuations are handed back, to be resumed outside of
/// the lock.
private struct TestClockState: Sendable {
    struct Sleeper {
        var deadline: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    struct Watcher {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    enum Start {
        case over
        case cancelled
        case asleep([CheckedContinuation<Void, Never>])
    }

    var now = Duration.zero
    var sleepers: [Int: Sleeper] = [:]
    var watchers: [Int: Watcher] = [:]
    private var lastID = 0

    mutating func makeID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func advance(by duration: Duration) -> [CheckedContinuation<Void, any Error>] {
        now += max(duration, .zero)
        let due = sleepers.filter { $0.value.deadline <= now }
        for id in due.keys { sleepers.removeValue(forKey: id) }
        return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value.continuation)
    }

    mutating func sleep(
        _ id: Int, until deadline: Duration, _ continuation: CheckedContinuation<Void, any Error>, isCancelled: Bool
    ) -> Start {
        // The cancellation handler may have run before there was anything to cancel.
        if isCancelled { return .cancelled }
        if deadline <= now { return .over }
        sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
        let satisfied = watchers.filter { $0.value.count <= sleepers.count }
        for id in satisfied.keys { watchers.removeValue(forKey: id) }
        return .asleep(satisfied.values.map(\.continuation))
    }

    mutating func watch(
        _ id: Int, _ count: Int, _ continuation: CheckedContinuation<Void, Never>, isCancelled: Bool
    ) -> Bool {
        if isCancelled || sleepers.count >= count { return true }
        watchers[id] = Watcher(count: count, continuation: continuation)
        return false
    }
}
