import MimiMessaging

/// Sends commands or events from a number of tasks, of which each waits for the confirm of its message.
struct Publishing {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws {
        let bus = try await MessageBus.started(settings)
        _ = try await send(settings.warmUp, over: bus)
        let measurement = Measurement()
        let latencies = try await send(settings.count, over: bus)
        try measurement.report(count: settings.count, latencies: latencies)
        await bus.stop()
    }

    /// How long each took, where one goes at a time.
    private func send(_ count: Int, over bus: MessageBus) async throws -> [Duration] {
        if settings.batch > 1 {
            try await sendBatches(count, over: bus)
            return []
        }
        let message = makeMessage(bodySize: settings.bodySize)
        let command = try RequestTarget(settings.queue + "/work")
        let event = try settings.topic.map { try EventTarget($0 + "#work") }
        let transmit: @Sendable () async throws -> Void = {
            if let event { try await bus.event(event, message) } else { try await bus.command(command, message) }
        }
        guard settings.outstanding > 1 else { return try await timed(count, transmit) }
        try await withThrowingTaskGroup { group in
            for share in shares(of: count, among: settings.outstanding) {
                group.addTask { for _ in 0..<share { try await transmit() } }
            }
            try await group.waitForAll()
        }
        return []
    }

    /// Tasks of which each waits for a batch at a time; as many messages are outstanding as their batches have together.
    private func sendBatches(_ count: Int, over bus: MessageBus) async throws {
        let messages = [Message](repeating: makeMessage(bodySize: settings.bodySize), count: settings.batch)
        let command = try RequestTarget(settings.queue + "/work")
        let event = try settings.topic.map { try EventTarget($0 + "#work") }
        try await withThrowingTaskGroup { group in
            for share in shares(of: count / settings.batch, among: settings.outstanding) {
                group.addTask {
                    for _ in 0..<share {
                        if let event {
                            try await bus.events(event, messages)
                        } else {
                            try await bus.commands(command, messages)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Runs an operation again and again, and looks at the clock.
func timed(_ count: Int, _ operation: () async throws -> Void) async throws -> [Duration] {
    var latencies: [Duration] = []
    latencies.reserveCapacity(count)
    for _ in 0..<count {
        let start = ContinuousClock.now
        try await operation()
        latencies.append(start.duration(to: .now))
    }
    return latencies
}

/// A number in about equal parts.
func shares(of count: Int, among parts: Int) -> [Int] {
    (0..<parts).map { count / parts + ($0 < count % parts ? 1 : 0) }
}
