import MimiMessaging

/// Tasks that are cancelled at each call that waits.
enum CancellationCases {
    static let all: [ConformanceCase] = [
        ConformanceCase(
            "a cancelled task sends nothing", "It ends at once with CancellationError, and leaves nothing behind."
        ) { world in
            let (journal, heard) = (world.journal(), world.journal())
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            _ = try await world.listener(queue: "billing", noting: heard)
            try await world.soon("the calls of a cancelled task") {
                try await cancelled {
                    try await expectCancellation(from: "a command") { try await service.command("orders/place") }
                    try await expectCancellation(from: "a query") { try await service.query("orders/show") }
                    try await expectCancellation(from: "an event") { try await service.event("users#locked") }
                }
            }
            try await service.command("orders/mark")
            try await service.event("users#mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what was delivered")
            try expectEqual(try await heard.wait(for: 1).methods, ["mark"], "what was heard")
        },
        ConformanceCase(
            "a waiting query can be cancelled", "It ends at once with CancellationError; cancellation frees everything."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(
                noting: journal,
                onQuery: { received in
                    if received.number == 1 { try await gate.wait() }
                    return received.message
                })
            let client = try await world.client()
            let query = Task { try await client.query("orders/show", ["n": 1]) }
            try await journal.wait(for: 1)
            query.cancel()
            try await world.soon("the end of a cancelled query") {
                try await expectCancellation(from: "a cancelled query") { try await query.value }
            }
            // Its answer comes now, and is nobody's.
            gate.open()
            for n in 2...20 {
                try expectEqual(
                    try await client.query("orders/show", ["n": .integer(n)])["n"], .integer(n), "the answer")
            }
        },
        ConformanceCase(
            "a cancelled asker does not cancel the handler", "Cancelling a caller frees what is the caller's."
        ) { world in
            let (journal, done, gate) = (world.journal(), Journal<Bool>(limit: world.patience), world.gate())
            _ = try await world.service(
                noting: journal,
                onQuery: { received in
                    try await gate.wait()
                    done.note(Task.isCancelled)
                    return received.message
                })
            let client = try await world.client()
            let query = Task { try await client.query("orders/show") }
            try await journal.wait(for: 1)
            query.cancel()
            try await expectCancellation(from: "a cancelled query") { try await query.value }
            gate.open()
            try expectEqual(try await done.wait(for: 1), [false], "whether the handler was cancelled")
        },
        ConformanceCase("queries cancelled at any moment", "Cancellation frees everything.") { world in
            _ = try await world.service(noting: world.journal())
            let client = try await world.client()
            let queries = (0..<300).map { n in Task { try await client.query("orders/show", ["n": .integer(n)]) } }
            for (n, query) in queries.enumerated() where !n.isMultiple(of: 3) { query.cancel() }
            try await world.soon("the end of all queries") {
                for (n, query) in queries.enumerated() {
                    do {
                        try expectEqual(try await query.value["n"], .integer(n), "the answer to query \(n)")
                    } catch let error as CancellationError {
                        if n.isMultiple(of: 3) { throw error }
                    }
                }
            }
            try expectEqual(try await client.query("orders/show", ["n": 1])["n"], 1, "the answer after those")
        },
        ConformanceCase(
            "sends cancelled at any moment", "A send that returned was taken; one that was cancelled harms nobody."
        ) { world in
            let (journal, heard) = (world.journal(), world.journal())
            _ = try await world.service(noting: journal)
            _ = try await world.listener(queue: "billing", noting: heard)
            let client = try await world.client()
            let sends = (0..<300).map { n in
                Task {
                    try await client.command("orders/place", ["n": .integer(n)])
                    try await client.event("users#locked", ["n": .integer(n)])
                }
            }
            for (n, send) in sends.enumerated() where !n.isMultiple(of: 3) { send.cancel() }
            var returned: Set<Int> = []
            for (n, send) in sends.enumerated() {
                do {
                    try await send.value
                    returned.insert(n)
                } catch let error as CancellationError {
                    if n.isMultiple(of: 3) { throw error }
                }
            }
            try await client.command("orders/mark")
            try await client.event("users#mark")
            for (journal, what) in [(journal, "the handled commands"), (heard, "the handled events")] {
                try await world.awaitNumbers(returned, in: journal)
                try expectEqual(
                    Set(journal.entries.numbers).count, journal.entries.numbers.count, "\(what), without doubles")
            }
        },
        ConformanceCase(
            "a start can be cancelled", "A start that ends by cancellation leaves a bus that can be started."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            for n in 1...20 {
                await service.stop()
                let start = Task { try await service.start() }
                if n.isMultiple(of: 2) { try await client.event("users#probe") }
                start.cancel()
                try await world.soon("the end of a cancelled start") { _ = await start.result }
            }
            try await cancelled { _ = try? await service.start() }
            try await service.start()
            for n in 1...10 { try await service.command("orders/place", ["n": .integer(n)]) }
            try expectEqual(try await journal.wait(for: 10).numbers, Array(1...10), "what is handled, once each")
        },
        ConformanceCase(
            "a registration can be cancelled", "A processor that cannot be started is not registered."
        ) { world in
            let journal = world.journal()
            let bus = try await world.client()
            let options = ProcessorOptions(concurrency: 1)
            let count = Lock(0)
            for n in 1...20 {
                let register = Task {
                    try await bus.register(
                        NotingProcessor(name: "\(n)", journal: journal), queue: "orders", options: options)
                    count.withLock { $0 += 1 }
                }
                if n.isMultiple(of: 2) { try await bus.event("users#probe") }
                register.cancel()
                try await world.soon("the end of a cancelled registration") { _ = await register.result }
            }
            await bus.unregisterAllProcessors()
            try await bus.register(NotingProcessor(name: "last", journal: journal), queue: "orders", options: options)
            for n in 1...10 { try await bus.command("orders/place", ["n": .integer(n)]) }
            let received = try await journal.wait(for: 10)
            // A registration that was cancelled late may have had a message at hand, and have given it back.
            try expectEqual(received.numbers.sorted(), Array(1...10), "what is handled, once each")
            try expectEqual(received.processors, ["last"], "who handled")
        },
        ConformanceCase(
            "a stop cannot be cut short", "Cancelling the task of the caller does not cut a stop short."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let service = try await world.service(noting: journal) { _ in try await gate.wait() }
            try await service.command("orders/place")
            try await journal.wait(for: 1)
            let stop = Task { try await cancelled { await service.stop() } }
            gate.open()
            try await world.soon("the stop") { try await stop.value }
            try await world.expectNotStarted(service)
            try await service.start()
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 2).methods, ["place", "mark"], "what is handled")
        },
    ]
}

/// Runs an operation in a task that was cancelled before it began.
private func cancelled<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let gate = Gate()
    let task = Task {
        await gate.waitIgnoringCancellation()
        return try await operation()
    }
    task.cancel()
    gate.open()
    return try await task.value
}
