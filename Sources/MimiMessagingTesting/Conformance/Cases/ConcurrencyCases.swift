import MimiMessaging

/// Many messages, tasks and processors at a time.
enum ConcurrencyCases {
    static let all: [ConformanceCase] = [
        ConformanceCase(
            "a processor handles as many as it may", "Handlers run concurrently up to mq_concurrency."
        ) { world in
            let (journal, inside, load, gate) = (world.journal(), world.journal(), Load(), world.gate())
            let service = try await world.service(noting: journal, bus: ["mq_concurrency": 3]) { received in
                try await load.carry {
                    inside.note(received)
                    try await gate.wait()
                }
            }
            for n in 1...12 { try await service.command("orders/place", ["n": .integer(n)]) }
            // Three at a time, or the third never comes while the gate is closed.
            try await inside.wait(for: 3)
            gate.open()
            try await journal.wait(for: 12)
            try expectEqual(load.highest, 3, "the highest number of handlers at a time")
        },
        ConformanceCase(
            "a processor holds no more than it may", "Unsettled deliveries stay bounded by the prefetch."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let options = ProcessorOptions(concurrency: 1, prefetch: 3)
            let first = try await world.service(as: "a", noting: journal, options) { _ in try await gate.wait() }
            for n in 1...10 { try await first.command("orders/place", ["n": .integer(n)]) }
            try await world.expectDepth(7)
            try await journal.wait(for: 1)
            _ = try await world.service(as: "b", noting: journal)
            try expectEqual(
                try await journal.wait(for: 8).map(\.processor), ["a"] + Array(repeating: "b", count: 7), "who handled")
            gate.open()
            try expectEqual(try await journal.wait(for: 10).numbers.sorted(), Array(1...10), "what was handled")
        },
        ConformanceCase("a slow queue does not hold up others", "Processors of one bus are independent.") { world in
            let (slow, fast, gate, bus) = (world.journal(), world.journal(), world.gate(), try await world.bus())
            let waiting = NotingProcessor(name: "slow", journal: slow, action: { _ in try await gate.wait() })
            try await bus.register(waiting, queue: "orders", options: ProcessorOptions(concurrency: 2))
            try await bus.register(NotingProcessor(name: "fast", journal: fast), queue: "stock")
            try await bus.start()
            for n in 1...200 { try await bus.command("orders/place", ["n": .integer(n)]) }
            try await slow.wait(for: 2)
            for n in 1...50 { try await bus.command("stock/take", ["n": .integer(n)]) }
            try expectEqual(
                try await fast.wait(for: 50).numbers.sorted(), Array(1...50), "what the other queue handled")
            try expectEqual(try await bus.query("stock/count", ["n": 0])["n"], 0, "the other queue's answer")
            try expectEqual(slow.entries.count, 2, "the number of messages at work in the slow queue")
            gate.open()
            try await slow.wait(for: 200)
        },
        ConformanceCase(
            "a slow handler does not hold up others", "One handler that does not return leaves the others going."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 2)) { received in
                if received.method == "stuck" { try await gate.wait() }
            }
            try await service.command("orders/stuck")
            try await journal.wait(for: 1)
            for n in 1...100 { try await service.command("orders/place", ["n": .integer(n)]) }
            try expectEqual(try await journal.wait(for: 101).numbers, Array(1...100), "what the other handler did")
        },
        ConformanceCase("500 senders lose nothing", "A confirmed message is never lost by this layer.") { world in
            let journal = world.journal()
            for name in ["a", "b"] { _ = try await world.service(as: name, noting: journal) }
            let client = try await world.client()
            try await withThrowingTaskGroup { group in
                for sender in 0..<500 {
                    group.addTask {
                        for n in 0..<4 { try await client.command("orders/place", ["n": .integer(sender * 4 + n)]) }
                    }
                }
                try await group.waitForAll()
            }
            try expectEqual(try await journal.wait(for: 2000).numbers.sorted(), Array(0..<2000), "what was handled")
            try expectEqual(journal.entries.ids.count, 2000, "the number of different message ids")
        },
        ConformanceCase("events of many tasks reach all", "Confirmed for every bound queue.") { world in
            let journals = ["billing": world.journal(), "audit": world.journal(), "stock": world.journal()]
            for (queue, journal) in journals { _ = try await world.listener(queue: queue, noting: journal) }
            let client = try await world.client()
            try await withThrowingTaskGroup { group in
                for n in 0..<300 { group.addTask { try await client.event("users#locked", ["n": .integer(n)]) } }
                try await group.waitForAll()
            }
            for (queue, journal) in journals {
                try expectEqual(
                    try await journal.wait(for: 300).numbers.sorted(), Array(0..<300), "what '\(queue)' heard")
            }
        },
        ConformanceCase("1,000 queries at a time", "Replies find their askers: none crossed, none lost.") { world in
            _ = try await world.service(noting: world.journal(), ProcessorOptions(concurrency: 50))
            let client = try await world.client()
            try await world.askMany(1000, from: [client])
        },
        ConformanceCase(
            "many askers at a time", "Replies find their askers, over several buses and processors."
        ) { world in
            for name in ["a", "b"] {
                _ = try await world.service(as: name, noting: world.journal())
            }
            var clients: [MessageBus] = []
            for _ in 1...5 { clients.append(try await world.client()) }
            try await world.askMany(500, from: clients)
        },
        ConformanceCase(
            "answers in another order", "Replies find their askers, in whatever order they come."
        ) { world in
            let (journal, gates) = (world.journal(), (0..<20).map { _ in world.gate() })
            _ = try await world.service(
                noting: journal, ProcessorOptions(concurrency: 20),
                onQuery: { received in
                    let n = received.number ?? 0
                    // The last one first: each answer lets the one before it go.
                    if n < 19 { try await gates[n + 1].wait() }
                    gates[n].open()
                    return received.message
                })
            try await world.askMany(20, from: [try await world.client()])
        },
        ConformanceCase("many processes share a queue", "A command goes to one processor of its queue.") { world in
            let journal = world.journal()
            for n in 1...8 {
                _ = try await world.service(as: "\(n)", noting: journal, ProcessorOptions(concurrency: 2))
            }
            let client = try await world.client()
            for n in 1...200 { try await client.command("orders/place", ["n": .integer(n)]) }
            try await journal.wait(for: 200)
            try await client.command("orders/place", ["n": 201])
            try expectEqual(try await journal.wait(for: 201).numbers.sorted(), Array(1...201), "what was handled")
        },
        ConformanceCase(
            "one of several is active", "isSingleActive: only one processor of the queue gets messages at a time."
        ) { world in
            let journal = world.journal()
            let options = ProcessorOptions(concurrency: 1, isSingleActive: true)
            let first = try await world.service(as: "a", noting: journal, options)
            _ = try await world.service(as: "b", noting: journal, options)
            let client = try await world.client()
            for n in 1...20 { try await client.command("orders/place", ["n": .integer(n)]) }
            let received = try await journal.wait(for: 20)
            try expectEqual(received.processors, ["a"], "the active processors")
            try expectEqual(received.numbers, Array(1...20), "the order of handling")
            await first.stop()
            try await client.command("orders/place", ["n": 21])
            try expectEqual(try await journal.wait(for: 21).last?.processor, "b", "who takes over")
        },
        ConformanceCase(
            "a higher priority comes first", "A processor with a higher priority gets messages first.",
            needs: { $0.hasPriorities }
        ) { world in
            let journal = world.journal()
            for (name, priority) in [("low", 1), ("high", 5)] {
                let options = ProcessorOptions(concurrency: 1, prefetch: 10, priority: priority)
                _ = try await world.service(as: name, noting: journal, options)
            }
            let client = try await world.client()
            // One at a time, so that the higher one always has room.
            for n in 1...20 { _ = try await client.query("orders/show", ["n": .integer(n)]) }
            try expectEqual(journal.entries.processors, ["high"], "who handled")
        },
    ]
}

extension World {
    /// Asks for different numbers at the same time and checks each answer.
    fileprivate func askMany(_ count: Int, from clients: [MessageBus]) async throws {
        try await withThrowingTaskGroup { group in
            for n in 0..<count {
                group.addTask {
                    let answer = try await clients[n % clients.count].query("orders/show", ["n": .integer(n)])
                    try expectEqual(answer["n"], .integer(n), "the answer to query \(n)")
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Counts how many are at work at a time.
private final class Load: Sendable {
    private let state = Lock((now: 0, highest: 0))

    var highest: Int { state.withLock { $0.highest } }

    func carry(_ work: () async throws -> Void) async throws {
        state.withLock { state in
            state.now += 1
            state.highest = max(state.highest, state.now)
        }
        defer { state.withLock { $0.now -= 1 } }
        try await work()
    }
}
