import MimiMessaging

/// Queries: one to one, call and wait.
enum QueryCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("a query is answered", "A query returns when the answer is here.") { world in
            let journal = world.journal()
            _ = try await world.service(
                noting: journal, onQuery: { ["id": .integer(($0.number ?? 0) * 2), "items": ["tea", "milk"]] })
            let answer = try await world.client().query("orders/show", ["n": 21])
            try expectEqual(try answer.values(), ["id": 42, "items": ["tea", "milk"]], "the answer")
            let received = try await journal.wait(for: 1)[0]
            try expectEqual(received.kind, .query, "the kind")
            try expectEqual(received.context.target, "orders/show", "the target that the processor sees")
        },
        ConformanceCase("a typed query gets its typed answer", "A query knows its answer.") { world in
            let bus = try await world.bus()
            try await bus.requests("orders") { orders in
                orders.on(ShowOrder.self) { show, _ in ShownOrder(id: show.id, items: ["tea"]) }
            }
            try await bus.start()
            try expectEqual(
                try await world.client().query(ShowOrder(id: 9)), ShownOrder(id: 9, items: ["tea"]), "the answer")
        },
        ConformanceCase("an answer carries headers", "Headers travel beside the body, both ways.") { world in
            let journal = world.journal()
            _ = try await world.service(
                noting: journal, onQuery: { _ in Message([:], headers: ["etag": "abc", "größe": "12 µm"]) })
            let answer = try await world.client().query("orders/show", headers: ["accept-language": "de"])
            try expectEqual(answer.headers["etag"], "abc", "a header of the answer")
            try expectEqual(answer.headers["größe"], "12 µm", "a header of the answer that is not ASCII")
            let received = try await journal.wait(for: 1)[0]
            try expectEqual(received.context.headers["accept-language"], "de", "a header of the query")
        },
        ConformanceCase("a query to no queue is unroutable at once", "unroutable at once.") { world in
            let client = try await world.client()
            try await world.soon("the error of a query to a queue that does not exist") {
                try await expectError(.unroutable, from: "a query to a queue that does not exist") {
                    try await client.query("orders/show")
                }
            }
        },
        ConformanceCase(
            "a query that nobody answers times out", "timeout after the call's own time limit; every call ends."
        ) { world in
            let service = try await world.service(noting: world.journal())
            await service.stop()
            let client = try await world.client()
            try await world.soon("the time-out of a query") {
                let elapsed = try await ContinuousClock().measure {
                    let error = try await expectError(.timeout, from: "a query that nobody answers") {
                        try await client.query("orders/show", timeout: .milliseconds(100))
                    }
                    try expectEqual(error.target, "orders/show", "the target in the error")
                }
                try expect(elapsed >= .milliseconds(95), "it must wait for 100 ms, but timed out after \(elapsed)")
            }
        },
        ConformanceCase(
            "the default query timeout holds", "timeout after mq_default_query_timeout or the call's own."
        ) { world in
            let gate = world.gate()
            _ = try await world.service(
                noting: world.journal(),
                onQuery: { received in
                    try await gate.wait()
                    return received.message
                })
            let client = try await world.client(["mq_default_query_timeout": "80ms"])
            try await world.soon("the time-out of a query") {
                try await expectError(.timeout, from: "a query that is not answered in time") {
                    try await client.query("orders/show")
                }
            }
        },
        ConformanceCase(
            "a processor knows the deadline of a query", "A query carries what is left of its deadline."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let timeout = world.patience * 3
            let start = MessagingClock.continuous.now
            _ = try await world.client().query("orders/show", timeout: timeout)
            let context = try await journal.wait(for: 1)[0].context
            let left = start.duration(to: try require(context.deadline, "a query must have a deadline"))
            // The time on the way is not known to the processor, so its deadline may be later by that.
            try expect(
                left > .zero && left <= timeout + world.patience, "the deadline must be \(timeout) away, not \(left)")
        },
        ConformanceCase(
            "nested queries inherit the deadline", "Inside a processor, nested queries inherit its deadline."
        ) { world in
            let (outer, inner, bus) = (world.journal(), world.journal(), try await world.bus())
            let timeout = world.patience * 2
            try await bus.register(
                NotingProcessor(
                    name: "outer", journal: outer,
                    answer: { _ in try await bus.query("stock/count", timeout: timeout * 10) }), queue: "orders")
            try await bus.register(NotingProcessor(name: "inner", journal: inner), queue: "stock")
            try await bus.start()
            _ = try await bus.query("orders/show", timeout: timeout)
            let first = try require(
                try await outer.wait(for: 1)[0].context.deadline, "the outer query must have a deadline")
            let second = try require(
                try await inner.wait(for: 1)[0].context.deadline, "the inner query must have a deadline")
            let distance = first.duration(to: second)
            try expect(distance <= world.patience, "the inner deadline must be the outer one, not \(distance) later")
        },
        ConformanceCase(
            "a query that expired in the queue is never handled", "An expired request is dropped, never handled."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            await service.stop()
            let client = try await world.client()
            for n in 1...3 {
                try await expectError(.timeout, from: "a query that nobody answers") {
                    try await client.query("orders/show", ["n": .integer(n)], timeout: .milliseconds(50))
                }
            }
            try await client.command("orders/mark")
            try await service.start()
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what was handled")
        },
        ConformanceCase(
            "a query that expired at a busy processor is never handled", "An expired request is dropped, never handled."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(noting: journal, ProcessorOptions(concurrency: 1, prefetch: 10)) { _ in
                try await gate.wait()
            }
            let absent = try await world.service("stock", noting: journal)
            await absent.stop()
            let client = try await world.client()
            try await client.command("orders/place")
            try await journal.wait(for: 1)
            try await expectError(.timeout, from: "a query behind a slow command") {
                try await client.query("orders/show", timeout: .milliseconds(80))
            }
            // The processor's view of the deadline is later by the time on the way: let as much time pass again.
            try await expectError(.timeout, from: "a query that nobody answers") {
                try await client.query("stock/count", timeout: .milliseconds(80))
            }
            gate.open()
            try await client.command("orders/mark")
            try expectEqual(try await journal.wait(for: 2).methods, ["place", "mark"], "what was handled")
        },
        ConformanceCase(
            "a late answer is dropped", "A reply that comes after the time-out disturbs nobody."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(
                noting: journal, ProcessorOptions(concurrency: 1),
                onQuery: { received in
                    if received.number == 1 { try await gate.wait() }
                    return received.message
                })
            let client = try await world.client()
            // Until one comes to the processor before its time is over.
            var timeout = Duration.milliseconds(50)
            while journal.entries.isEmpty {
                try await expectError(.timeout, from: "a query that is answered late") {
                    try await client.query("orders/show", ["n": 1], timeout: timeout)
                }
                timeout *= 2
            }
            gate.open()
            for n in 2...20 {
                let answer = try await client.query("orders/show", ["n": .integer(n)])
                try expectEqual(answer["n"], .integer(n), "the answer after a late one")
            }
        },
        ConformanceCase("an answer can be empty", "A query returns when the answer is here.") { world in
            _ = try await world.service(noting: world.journal(), onQuery: { _ in [:] })
            let answer = try await world.client().query("orders/show")
            try expectEqual(try answer.values(), [:], "the answer")
        },
        ConformanceCase(
            "a bus can query itself", "Services address each other by logical targets, wherever they are."
        ) { world in
            let service = try await world.service(noting: world.journal())
            let answer = try await service.query("orders/show", ["n": 5])
            try expectEqual(answer["n"], 5, "the answer")
        },
        ConformanceCase(
            "one processor answers", "A query goes to one processor of its queue, and is forgotten when it is answered."
        ) { world in
            let journal = world.journal()
            let first = try await world.service(as: "a", noting: journal, ProcessorOptions(concurrency: 1))
            let second = try await world.service(as: "b", noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            for n in 1...20 { _ = try await client.query("orders/show", ["n": .integer(n)]) }
            await first.stop()
            await second.stop()
            try await client.command("orders/place", ["n": 21])
            try await second.start()
            try expectEqual(try await journal.wait(for: 21).numbers, Array(1...21), "the handled messages")
        },
        ConformanceCase(
            "an asker that leaves harms nobody", "If the asker is gone, the reply is dropped and the query forgotten."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let service = try await world.service(
                noting: journal, ProcessorOptions(concurrency: 1),
                onQuery: { received in
                    try await gate.wait()
                    return received.message
                })
            let asker = try await world.client(["mq_shutdown_timeout": "10ms"])
            let question = Task { try await asker.query("orders/show") }
            try await journal.wait(for: 1)
            await asker.stop()
            try await expectError(.connection, .timeout, .notStarted, from: "a query whose bus stops") {
                try await question.value
            }
            gate.open()
            try await service.command("orders/mark")
            try await journal.wait(for: 2)
            await service.stop()
            try await service.start()
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 3).methods, ["show", "mark", "mark"], "what was handled")
        },
    ]
}
