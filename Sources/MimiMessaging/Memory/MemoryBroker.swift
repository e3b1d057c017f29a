/// A message broker inside the process: what the buses of a test, or of a small program, talk over.
///
/// ```swift
/// let broker = MemoryBroker()
/// let orders = try MessageBus(adapter: MemoryAdapter(broker: broker))
/// let billing = try MessageBus(adapter: MemoryAdapter(broker: broker))
/// ```
///
/// It has queues and topics with the promises of a real broker: a message stays until it is settled, comes back when its
/// processor goes, waits for its retries, and ends among the dead letters. It keeps nothing beyond the process.
///
/// Names are those that the bus uses on it, with the namespace.
public final class MemoryBroker: Sendable {
    /// The time that delays and deadlines are told by.
    public let clock: MessagingClock
    private let state = Lock(BrokerState())
    private let alarm = AlarmTask()

    /// Creates a broker without queues.
    public init(clock: MessagingClock = .continuous) { self.clock = clock }

    deinit { alarm.stop() }

    /// Changes the state, then does what follows from the change.
    @discardableResult
    func change<Result, Failure: Error>(
        _ body: (inout BrokerState, MessagingClock.Instant) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let now = clock.now
        let (result, effects) = state.withLock { state in
            state.runTimers(at: now)
            let result = Swift.Result { () throws(Failure) in try body(&state, now) }
            return (result, state.takeEffects())
        }
        perform(effects)
        return try result.get()
    }

    /// Looks at the state as it is now.
    func look<Result>(_ body: (BrokerState) -> Result) -> Result {
        change { state, _ in body(state) }
    }

    private func perform(_ effects: BrokerEffects) {
        for answer in effects.answers { answer.waiter.resume(with: answer.result) }
        for waiter in effects.wakes { waiter.resume() }
        for watcher in effects.watchers { watcher.continuation.resume(with: watcher.result) }
        if let change = effects.alarm {
            alarm.set(change, on: clock) { [weak self] turn in
                self?.change { state, _ in state.alarmRang(turn) }
            }
        }
        if effects.handsOver {
            // Detached: a processor has nothing to do with the task that sent the message.
            Task.detached { await self.handOver() }
        }
    }

    /// Hands deliveries to their receivers, one after the other, until there are none.
    private func handOver() async {
        var count = 0
        while let next = change({ state, now in state.nextHandOver(at: now) }) {
            next.receiver(MemoryDelivery(broker: self, tag: next.tag, message: next.message))
            count += 1
            if count.isMultiple(of: 64) { await Task.yield() }
        }
    }
}
