import MimiMessaging
import MimiMessagingTesting
import Testing

@Suite("Under load")
struct LoadTests {
    /// 10,000 here, so that the suite stays quick; `MIMI_LOAD_MESSAGES=100000` sends more.
    private let count = TestBroker.loadMessages

    @Test("500 tasks send, two processors handle, nothing is lost", .timeLimit(.minutes(5))) func manySenders()
        async throws
    {
        let queue = TestBroker.uniqueName("load")
        let target = try RequestTarget("\(queue)/take")
        let handled = Lock(Set<Int>())
        let done = Journal<Void>(limit: .seconds(240))
        let total = count
        var services: [MessageBus] = []
        for _ in 0..<2 {
            let service = try TestBroker.bus(["mq_concurrency": 64])
            try await service.requests(queue) { handlers in
                handlers.command("take") { message, _ in
                    let number: Int = try message["n"]
                    let isLast = handled.withLock { handled in
                        handled.insert(number)
                        return handled.count == total
                    }
                    if isLast { done.note(()) }
                }
            }
            try await service.start()
            services.append(service)
        }
        let client = try TestBroker.bus(["mq_publish_timeout": "60s"])
        try await client.start()
        try await withThrowingTaskGroup { group in
            for task in 0..<500 {
                group.addTask {
                    for number in stride(from: task, to: total, by: 500) {
                        try await client.command(target, ["n": .integer(number)])
                    }
                }
            }
            try await group.waitForAll()
        }
        try await done.wait(for: 1)
        #expect(handled.withLock { $0.count } == total)
        for bus in services + [client] { await bus.stop() }
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }
}
