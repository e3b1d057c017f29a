import Metrics

/// Looks at a bus whenever somebody asks or something has changed, and tells listeners what is new.
final class HealthMonitor: Sendable {
    private struct State {
        var history = HealthHistory()
        var listeners: [Int: AsyncStream<BusHealth>.Continuation] = [:]
        var nextID = 0
    }

    private let clock: MessagingClock
    private let gauge: Meter?
    private let obstacles: @Sendable () -> [BusObstacle]
    private let state = Lock(State())

    /// - Parameters:
    ///   - gauge: Gets 2 for ready, 1 for degraded, 0 for down.
    ///   - obstacles: What keeps the bus from its work at the moment.
    init(clock: MessagingClock, gauge: Meter?, obstacles: @escaping @Sendable () -> [BusObstacle]) {
        self.clock = clock
        self.gauge = gauge
        self.obstacles = obstacles
    }

    /// Looks at the bus; tells whoever has not heard of what it sees.
    @discardableResult
    func look() -> BusHealth {
        let ticket = state.withLock { $0.history.ticket() }
        let health = BusHealth(obstacles())
        state.withLock { state in
            guard let listeners = state.history.note(health, ticket: ticket, at: clock.now) else { return }
            gauge?.set(health.rank)
            // Under the lock, so that nobody hears two changes in the wrong order. Yielding only stores the value.
            for id in listeners { state.listeners[id]?.yield(health) }
        }
        return health
    }

    /// The obstacles of this moment and how long each has lasted.
    func lasting() -> (health: BusHealth, ages: [Duration]) {
        let health = look()
        let ages = state.withLock { state in
            health.obstacles.map { state.history.age(of: $0, at: clock.now) }
        }
        return (health, ages)
    }

    /// How many listen.
    var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// The health now and each time it changes. Who is slow misses what was in between, and never the last.
    func changes() -> AsyncStream<BusHealth> {
        let (stream, continuation) = AsyncStream.makeStream(of: BusHealth.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextID += 1
            state.history.addListener(state.nextID)
            state.listeners[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.history.removeListener(id)
                state.listeners[id] = nil
            }
        }
        look()
        return stream
    }
}

extension BusHealth {
    /// A number for a gauge: 2 for ready, 1 for degraded, 0 for down.
    fileprivate var rank: Int {
        switch self {
        case .ready: 2
        case .degraded: 1
        case .down: 0
        }
    }
}
