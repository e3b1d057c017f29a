import DequeModule

/// Looking at the broker from outside.
extension BrokerState {
    /// Somebody who waits until the broker is in a certain state.
    struct Watcher: Sendable {
        let continuation: CheckedContinuation<Void, any Error>
        let isSatisfied: @Sendable (BrokerState) -> Bool
    }

    mutating func watch(_ id: Int, _ watcher: Watcher, isCancelled: Bool) {
        if isCancelled {
            effects.watchers.append((watcher.continuation, .failure(CancellationError())))
        } else {
            watchers[id] = watcher
        }
    }

    mutating func unwatch(_ id: Int) {
        guard let watcher = watchers.removeValue(forKey: id) else { return }
        effects.watchers.append((watcher.continuation, .failure(CancellationError())))
    }

    /// Lets those go on who have waited for what is now.
    mutating func satisfyWatchers() {
        for (id, watcher) in watchers where watcher.isSatisfied(self) {
            watchers[id] = nil
            effects.watchers.append((watcher.continuation, .success(())))
        }
    }

    func depth(of queue: String) -> MemoryBroker.Depth? {
        queues[queue].map {
            MemoryBroker.Depth(ready: $0.ready.count, delayed: $0.delayed, unsettled: $0.unsettled)
        }
    }

    func deadLetters(of queue: String) -> [MemoryBroker.DeadLetter] {
        (queues[Self.deadLetterQueue(of: queue)]?.ready ?? []).compactMap { message in
            message.death.map { MemoryBroker.DeadLetter(message: message.message, failure: $0.failure, time: $0.time) }
        }
    }

    mutating func removeDeadLetters(of queue: String) {
        let dead = Self.deadLetterQueue(of: queue)
        for letter in queues[dead]?.ready ?? [] where letter.death != nil {
            _ = queues[dead]?.remove(number: letter.number)
        }
    }
}
