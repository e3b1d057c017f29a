import MimiMessaging

/// What becomes of messages when a bus stops.
enum GracefulStopCases {
    /// One message at work and others at hand, as ``World/beginStop(of:)`` needs it.
    private static let oneAndMore = ProcessorOptions(concurrency: 1, prefetch: 10)

    static let all: [ConformanceCase] = [
        ConformanceCase(
            "a stop lets handlers finish", "Graceful stop: running handlers finish and are acknowledged."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let service = try await world.service(noting: journal, oneAndMore) { received in
                if received.method == "place" { try await gate.wait() }
            }
            try await service.command("orders/place")
            try await journal.wait(for: 1)
            let stop = try await world.beginStop(of: service)
            gate.open()
            try await world.soon("the stop") { await stop.value }
            try await service.start()
            try expectEqual(try await journal.wait(for: 2).methods, ["place", "mark"], "what is handled")
        },
        ConformanceCase(
            "handlers can send while the bus stops", "Let running handlers finish while publishing still works."
        ) { world in
            let (journal, others, gate) = (world.journal(), world.journal(), world.gate())
            _ = try await world.service("stock", noting: others)
            _ = try await world.listener(queue: "billing", noting: others)
            let service = try await world.bus()
            let action: NotingProcessor.Action = { _ in
                try await gate.wait()
                try await service.command("stock/take")
                _ = try await service.query("stock/count")
                try await service.event("users#served")
            }
            try await service.register(
                NotingProcessor(name: "service", journal: journal, action: action), queue: "orders", options: oneAndMore
            )
            try await service.start()
            try await service.command("orders/place")
            try await journal.wait(for: 1)
            let stop = try await world.beginStop(of: service)
            gate.open()
            try await world.soon("the stop") { await stop.value }
            try expectEqual(
                Set(try await others.wait(for: 3).methods), ["take", "count", "served"], "what the others got")
        },
        ConformanceCase(
            "a stop answers queries", "Graceful stop: running handlers finish, and their answers are sent."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let service = try await world.service(
                noting: journal, oneAndMore,
                onQuery: { received in
                    try await gate.wait()
                    return received.message
                })
            let client = try await world.client()
            async let answer = client.query("orders/show", ["n": 1])
            try await journal.wait(for: 1)
            let stop = try await world.beginStop(of: service)
            gate.open()
            try expectEqual(try await answer["n"], 1, "the answer")
            try await world.soon("the stop") { await stop.value }
        },
        ConformanceCase(
            "a stop gives back what takes too long", "What is left at mq_shutdown_timeout is cancelled and given back."
        ) { world in
            let (journal, cancelled, gate) = (world.journal(), Journal<Bool>(limit: world.patience), world.gate())
            let first = try await world.service(as: "a", noting: journal, bus: ["mq_shutdown_timeout": "50ms"]) { _ in
                do { try await gate.wait() } catch {
                    cancelled.note(true)
                    throw error
                }
            }
            try await world.client().command("orders/place", ["n": 1])
            try await journal.wait(for: 1)
            try await world.soon("the stop, with a handler that has to be cancelled") { await first.stop() }
            try await cancelled.wait(for: 1)
            _ = try await world.service(as: "b", noting: journal)
            let received = try await journal.wait(for: 2)
            try expectEqual(received.map(\.processor), ["a", "b"], "who handled")
            try expectEqual(received.numbers, [1, 1], "what was handled")
            try expectEqual(received.ids.count, 1, "the number of different message ids")
            try expectEqual(received.attempts, [1, 1], "the attempts: giving back is no failure")
            try expect(received[1].context.isRedelivered, "what was given back must say that it is redelivered")
        },
        ConformanceCase(
            "a handler that ignores cancellation does not hold up the stop",
            "Every call ends: nothing waits without a deadline."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let first = try await world.service(as: "a", noting: journal, bus: ["mq_shutdown_timeout": "50ms"]) { _ in
                await gate.waitIgnoringCancellation()
            }
            try await world.client().command("orders/place", ["n": 1])
            try await journal.wait(for: 1)
            try await world.soon("the stop, with a handler that ignores cancellation") { await first.stop() }
            let second = try await world.service(as: "b", noting: journal, ProcessorOptions(concurrency: 1))
            try expectEqual(try await journal.wait(for: 2).map(\.processor), ["a", "b"], "who handled")
            // The end of the first handler comes too late to be an outcome.
            gate.open()
            try await second.command("orders/mark")
            try expectEqual(try await journal.wait(for: 3).methods, ["place", "place", "mark"], "what is handled")
        },
        ConformanceCase(
            "a stop gives back what waits at once", "Stop: what no handler has begun is given back."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let first = try await world.service(
                as: "a", noting: journal, ProcessorOptions(concurrency: 1, prefetch: 10)
            ) { _ in
                try await gate.wait()
            }
            let client = try await world.client()
            for n in 1...5 { try await client.command("orders/place", ["n": .integer(n)]) }
            try await journal.wait(for: 1)
            let stop = Task { await first.stop() }
            // The first bus still handles its first message while the second one gets the others.
            _ = try await world.service(as: "b", noting: journal, ProcessorOptions(concurrency: 1))
            let received = try await journal.wait(for: 5)
            try expectEqual(received.map(\.processor), ["a", "b", "b", "b", "b"], "who handled")
            try expectEqual(received.numbers.sorted(), Array(1...5), "what was handled")
            gate.open()
            try await world.soon("the stop") { await stop.value }
            try await client.command("orders/place", ["n": 6])
            try expectEqual(
                try await journal.wait(for: 6).numbers.last, 6, "what is handled after the first bus has gone")
        },
        ConformanceCase(
            "what is given back keeps its place", "Given back: delivered again at once.",
            needs: { $0.requeuePosition == .front }
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let options = ProcessorOptions(concurrency: 1, prefetch: 3)
            let first = try await world.service(noting: journal, options, bus: ["mq_shutdown_timeout": "10ms"]) { _ in
                try await gate.wait()
            }
            let client = try await world.client()
            for n in 1...6 { try await client.command("orders/place", ["n": .integer(n)]) }
            try await journal.wait(for: 1)
            await first.stop()
            gate.open()
            try await first.start()
            try expectEqual(try await journal.wait(for: 7).numbers, [1, 1, 2, 3, 4, 5, 6], "the order of handling")
        },
        ConformanceCase(
            "an event is given back too", "What is left at the deadline is cancelled and given back."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let bus = try await world.bus(["mq_shutdown_timeout": "50ms"])
            let processor = NotingProcessor(name: "a", journal: journal, action: { _ in try await gate.wait() })
            try await bus.register(processor, topic: "users", queue: "billing")
            try await bus.start()
            try await world.client().event("users#locked", ["n": 1])
            try await journal.wait(for: 1)
            try await world.soon("the stop") { await bus.stop() }
            gate.open()
            _ = try await world.listener(queue: "billing", as: "b", noting: journal)
            try expectEqual(try await journal.wait(for: 2).map(\.processor), ["a", "b"], "who handled")
        },
        ConformanceCase(
            "an idle bus stops at once", "stop() waits for nothing but handlers and sends under way."
        ) { world in
            let service = try await world.service(noting: world.journal())
            let client = try await world.client()
            for n in 1...10 { _ = try await client.query("orders/show", ["n": .integer(n)]) }
            try await world.soon("the stop of idle buses") {
                await client.stop()
                await service.stop()
            }
        },
        ConformanceCase(
            "a stop ends what waits", "stop(): sends under way are waited for until the deadline, then failed."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(
                noting: journal, ProcessorOptions(concurrency: 100),
                onQuery: { received in
                    try await gate.wait()
                    return received.message
                })
            let client = try await world.client(["mq_shutdown_timeout": "50ms"])
            let queries = (1...20).map { n in Task { try await client.query("orders/show", ["n": .integer(n)]) } }
            try await journal.wait(for: 20)
            try await world.soon("the stop and the end of all queries") {
                await client.stop()
                for query in queries {
                    try await expectError(.connection, .timeout, .notStarted, from: "a query whose bus stopped") {
                        try await query.value
                    }
                }
            }
        },
        ConformanceCase(
            "a stop waits for answers", "stop(): sends under way are waited for until the deadline."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(
                noting: journal,
                onQuery: { received in
                    try await gate.wait()
                    return received.message
                })
            let client = try await world.client()
            let query = Task { try await client.query("orders/show", ["n": 1]) }
            try await journal.wait(for: 1)
            let stop = Task { await client.stop() }
            try await world.waitUntilRefusing(client)
            gate.open()
            try expectEqual(try await query.value["n"], 1, "the answer to a query that was under way")
            try await world.soon("the stop") { await stop.value }
        },
    ]
}

extension World {
    /// Returns when a bus that is being stopped sends nothing any more.
    fileprivate func waitUntilRefusing(_ bus: MessageBus) async throws {
        try await soon("the refusal of a bus that stops") {
            do {
                while true {
                    try await bus.event("users#probe")
                    // An adapter may send without suspending, and the stop needs a thread to begin.
                    await Task.yield()
                }
            } catch let error as MessagingError where error.code == .notStarted {
                return
            }
        }
    }
}
