import MimiMessaging

/// Links that break under a running bus.
enum RecoveryCases {
    static let all: [ConformanceCase] = [
        recovery(
            "a bus goes on after its links broke", "A link that breaks is mended without the bus noticing."
        ) { world in
            let (journal, heard) = (world.journal(), world.journal())
            let service = try await world.service(noting: journal)
            try await service.register(NotingProcessor(name: "heard", journal: heard), topic: "users", queue: "billing")
            let client = try await world.client()
            for round in 1...3 {
                try await world.harness.breakLinks(of: service)
                try await world.harness.breakLinks(of: client)
                try await client.command("orders/place", ["n": .integer(round)])
                try await client.event("users#locked", ["n": .integer(round)])
                try expectEqual(try await client.query("orders/show", ["n": 0])["n"], 0, "the answer in round \(round)")
            }
            try await world.awaitNumbers(Set(1...3), in: journal)
            try await world.awaitNumbers(Set(1...3), in: heard)
        },
        recovery(
            "nothing that is confirmed gets lost with a link", "A confirmed message is never lost by this layer."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            let client = try await world.client()
            let senders = Task {
                try await withThrowingTaskGroup { group in
                    for sender in 0..<20 {
                        group.addTask {
                            for n in 0..<50 {
                                try await client.command("orders/place", ["n": .integer(sender * 50 + n)])
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            for count in [50, 200, 400, 600] {
                try await journal.wait(for: count)
                try await world.harness.breakLinks(of: count == 200 ? service : client)
            }
            try await senders.value
            try await world.awaitNumbers(Set(0..<1000), in: journal)
        },
        recovery(
            "what was at work comes again", "The link over which it came is gone: the bus delivers it again."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 2)) { received in
                if !received.context.isRedelivered { try await gate.wait() }
            }
            try await service.command("orders/place", ["n": 1])
            try await journal.wait(for: 1)
            try await world.harness.breakLinks(of: service)
            let received = try await journal.wait(for: 2)
            try expectEqual(received.numbers, [1, 1], "what is handled")
            try expectEqual(received.ids.count, 1, "the number of different message ids")
            try expectEqual(received.attempts, [1, 1], "the attempts: a lost link is no failure")
            // The outcome of the first one cannot reach the broker any more, and must not harm what came after.
            gate.open()
            try await service.command("orders/place", ["n": 2])
            try await world.awaitNumbers([1, 2], in: journal)
        },
        recovery("a query whose link breaks ends", "Every call ends: with its answer or with an error.") { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(
                noting: journal,
                onQuery: { received in
                    if received.number == 1 { try await gate.wait() }
                    return received.message
                })
            let client = try await world.client()
            let query = Task { try await client.query("orders/show", ["n": 1], timeout: world.patience / 2) }
            try await journal.wait(for: 1)
            try await world.harness.breakLinks(of: client)
            gate.open()
            try await world.soon("the end of a query whose link broke") {
                do {
                    try expectEqual(try await query.value["n"], 1, "the answer")
                } catch let error as MessagingError {
                    try expect(
                        [.timeout, .connection].contains(error.code),
                        "the error must be timeout or connection: \(error)")
                }
            }
            try expectEqual(try await client.query("orders/show", ["n": 2])["n"], 2, "the next answer")
        },
        recovery(
            "a listener without a queue hears again", "A temporary queue is declared and subscribed anew."
        ) { world in
            let journal = world.journal()
            let listener = try await world.listener(queue: nil, noting: journal)
            let client = try await world.client()
            try await world.harness.breakLinks(of: listener)
            // What is published before it is back is lost by definition.
            try await world.soon("an event to be heard after the link broke") {
                while journal.entries.isEmpty {
                    try Task.checkCancellation()
                    try await client.event("users#locked")
                    await Task.yield()
                }
            }
        },
        recovery(
            "a bus can stop while its links are broken", "stop() ends by its deadline, and nothing comes back to life."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, bus: ["mq_shutdown_timeout": "1s"])
            try await world.harness.breakLinks(of: service)
            try await world.soon("the stop") { await service.stop() }
            let client = try await world.client()
            try await client.command("orders/place", ["n": 1])
            try await world.expectDepth(1)
            try await service.start()
            try await world.awaitNumbers([1], in: journal)
        },
    ]

    private static func recovery(
        _ name: String, _ promise: String, _ body: @escaping @Sendable (World) async throws -> Void
    ) -> ConformanceCase {
        ConformanceCase(name, promise, needs: { $0.hasLinks }, body)
    }
}
