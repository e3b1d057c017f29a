import DequeModule

extension MemoryBroker {
    /// How many messages a queue holds.
    public struct Depth: Hashable, Sendable {
        /// Messages that wait for a processor.
        public var ready: Int
        /// Messages that wait for their next attempt.
        public var delayed: Int
        /// Messages that are with processors.
        public var unsettled: Int

        /// Creates a depth, for example to compare with.
        public init(ready: Int = 0, delayed: Int = 0, unsettled: Int = 0) {
            self.ready = ready
            self.delayed = delayed
            self.unsettled = unsettled
        }
    }

    /// A message that was given up, with the reason.
    public struct DeadLetter: Sendable {
        /// The message as it was sent, with the number of its last attempt.
        public var message: IncomingMessage
        /// Why it was given up.
        public var failure: FailureRecord
        /// When it was given up, by the broker's clock.
        public var time: MessagingClock.Instant
    }

    /// What a queue holds; nil if there is no such queue.
    public func depth(of queue: String) -> Depth? { look { $0.depth(of: queue) } }

    /// Waits until what a queue holds is as wanted, and no longer than its task lives.
    /// - Parameters:
    ///   - queue: The queue, with the namespace.
    ///   - isWanted: Is asked after each change, while the broker stands still: it must not call the broker.
    /// - Throws: `CancellationError`.
    @discardableResult
    public func depth(of queue: String, when isWanted: @escaping @Sendable (Depth) -> Bool) async throws -> Depth {
        try await wait { state in state.depth(of: queue).flatMap { isWanted($0) ? $0 : nil } }
    }

    /// The messages of a queue that were given up, the oldest first. They wait in the queue `<queue>.dead`.
    public func deadLetters(of queue: String) -> [DeadLetter] { look { $0.deadLetters(of: queue) } }

    /// Waits until at least so many messages of a queue were given up, and no longer than its task lives.
    /// - Throws: `CancellationError`.
    @discardableResult
    public func deadLetters(of queue: String, count: Int) async throws -> [DeadLetter] {
        try await wait { state in
            let letters = state.deadLetters(of: queue)
            return letters.count >= count ? letters : nil
        }
    }

    /// Takes the messages of a queue that were given up away from the broker.
    public func takeDeadLetters(of queue: String) -> [DeadLetter] {
        change { state, _ in
            defer { state.removeDeadLetters(of: queue) }
            return state.deadLetters(of: queue)
        }
    }

    /// Puts a message into a queue as it is, as a foreign tool would do.
    /// - Parameters:
    ///   - message: Its deadline is told by ``clock``. Nobody gets the reply if it is a query.
    ///   - queue: The queue, with the namespace.
    /// - Throws: ``MessagingError/Code/unroutable`` if there is no such queue.
    public func publish(_ message: IncomingMessage, toQueue queue: String) throws(MessagingError) {
        try change { (state, now) throws(MessagingError) in try state.publish(message, toQueue: queue, at: now) }
    }

    /// Sends a message as it is to each queue that listens to a topic, as a foreign tool would do.
    public func publish(_ message: IncomingMessage, toTopic topic: String) {
        change { state, now in state.publish(message, toTopic: topic, at: now) }
    }

    /// Waits until the state is as wanted.
    /// - Throws: `CancellationError`.
    func wait(until isWanted: @escaping @Sendable (BrokerState) -> Bool) async throws {
        _ = try await wait { isWanted($0) ? true : nil }
    }

    /// Waits until a look at the state gives something.
    private func wait<Value: Sendable>(
        for look: @escaping @Sendable (BrokerState) -> Value?
    ) async throws -> Value {
        let found = Lock<Value?>(nil)
        let id = change { state, _ in state.nextNumber() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                change { state, _ in
                    let watcher = BrokerState.Watcher(continuation: continuation) { state in
                        found.withLock { found in
                            found = look(state)
                            return found != nil
                        }
                    }
                    state.watch(id, watcher, isCancelled: Task.isCancelled)
                }
            }
        } onCancel: {
            change { state, _ in state.unwatch(id) }
        }
        guard let value = found.withLock({ $0 }) else { throw CancellationError() }
        return value
    }
}
