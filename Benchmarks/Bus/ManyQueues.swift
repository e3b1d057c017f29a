import MimiMessaging

/// Sends to a number of queues that are all consumed by this process; a message counts when it has been handled.
struct ManyQueues {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws {
        let bus = try MessageBus.make(settings)
        let countdown = Countdown(settings)
        let queues = (1...settings.outstanding).map { "bench.many.\($0)" }
        for queue in queues {
            try await bus.requests(queue) { $0.command("work") { _, _ in countdown.step() } }
        }
        try await bus.start()
        let message = makeMessage(bodySize: settings.bodySize)
        let targets = try queues.map { try RequestTarget($0 + "/work") }
        try await withThrowingTaskGroup { group in
            // As many tasks as ever, however many queues there are.
            for share in shares(of: settings.warmUp + settings.count, among: 100).enumerated() {
                group.addTask {
                    for number in 0..<share.element {
                        try await bus.command(targets[(share.offset + 100 * number) % targets.count], message)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await countdown.finish()
        await bus.stop()
    }
}
