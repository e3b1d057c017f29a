import MimiMessaging
import MimiMessagingRabbitMQ

/// Returns when somebody processes the queue.
func untilProcessed(_ queue: String) async throws {
    try await TestBroker.administer { administration in
        while try await administration.status(of: queue)?.consumers ?? 0 == 0 { try await pause() }
    }
}

/// Returns when the queue has so many dead letters.
func untilDead(_ queue: String, _ count: Int) async throws {
    try await TestBroker.administer { administration in
        while try await administration.deadLetterStatus(of: queue)?.messages ?? 0 < count { try await pause() }
    }
}

/// Between two looks at the broker.
func pause() async throws { try await Task.sleep(for: .milliseconds(20)) }

/// Removes a queue that a test has made, with all that belongs to it.
func remove(_ queue: String) async throws {
    let delays = [20, 1000, 5000, 30_000, 120_000, 600_000].map { Duration.milliseconds($0) }
    try await TestBroker.administer { try await $0.remove(queue: queue, retryDelays: delays) }
}
