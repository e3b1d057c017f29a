import MimiMessaging

/// Commands: one to one, send and forget.
enum CommandCases {
    static let all: [ConformanceCase] = [
        ConformanceCase(
            "a command reaches its processor", "A command is delivered to a processor of its queue."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            try await world.client().command("orders/place", ["n": 7])
            let received = try await journal.wait(for: 1)[0]
            try expectEqual(received.kind, .command, "the kind")
            try expectEqual(received.method, "place", "the method")
            try expectEqual(received.number, 7, "the number in the body")
            try expectEqual(received.context.target, "orders/place", "the target that the processor sees")
            try expectEqual(received.context.attempt, 1, "the attempt")
            try expect(!received.context.isRedelivered, "a first delivery must not say that it is redelivered")
            try expect(received.context.deadline == nil, "a command must have no deadline")
        },
        ConformanceCase("a typed command reaches its handler", "A typed message knows its target.") { world in
            let journal = Journal<PlaceOrder>(limit: world.patience)
            let bus = try await world.bus()
            try await bus.requests("orders") { orders in
                orders.on(PlaceOrder.self) { order, _ in journal.note(order) }
            }
            try await bus.start()
            let order = PlaceOrder(id: 3, note: "with milk")
            try await bus.command(order)
            try expectEqual(try await journal.wait(for: 1), [order], "what the handler got")
        },
        ConformanceCase(
            "a command does not wait for its handler",
            "A command returns when the broker confirmed that the queue has it."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            _ = try await world.service(noting: journal) { _ in try await gate.wait() }
            let client = try await world.client()
            try await world.soon("the return of a command whose handler is at work") {
                try await client.command("orders/place")
                try await journal.wait(for: 1)
                try await client.command("orders/place")
            }
        },
        ConformanceCase(
            "commands wait while nobody runs", "A confirmed message is never lost by this layer."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            await service.stop()
            let client = try await world.client()
            for n in 1...5 { try await client.command("orders/place", ["n": .integer(n)]) }
            try await world.expectDepth(5)
            try await service.start()
            try expectEqual(try await journal.wait(for: 5).numbers, [1, 2, 3, 4, 5], "what is handled after the start")
        },
        ConformanceCase(
            "a confirmed command outlives its sender", "A confirmed message is never lost by this layer."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            await service.stop()
            let client = try await world.client()
            try await client.command("orders/place", ["n": 1])
            await client.stop()
            try await service.start()
            try expectEqual(try await journal.wait(for: 1).numbers, [1], "what is handled")
        },
        ConformanceCase(
            "a command to no queue is unroutable at once", "unroutable in one round trip if there is no such queue."
        ) { world in
            let client = try await world.client()
            try await world.soon("the error of a command to a queue that does not exist") {
                let error = try await expectError(.unroutable, from: "a command to a queue that does not exist") {
                    try await client.command("orders/place")
                }
                try expectEqual(error.target, "orders/place", "the target in the error")
                try expect(!error.isRetryable, "sending an unroutable command again must not look useful")
            }
        },
        ConformanceCase(
            "unroutable among routable",
            "unroutable in one round trip if there is no such queue; the others are confirmed."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let client = try await world.client()
            try await withThrowingTaskGroup { group in
                for n in 1...40 {
                    group.addTask {
                        guard n.isMultiple(of: 2) else {
                            return try await client.command("orders/place", ["n": .integer(n)])
                        }
                        try await expectError(.unroutable, from: "command \(n)") {
                            try await client.command("stock/take")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await journal.wait(for: 20).numbers.sorted()
            try expectEqual(numbers, Array(stride(from: 1, through: 40, by: 2)), "the handled commands")
        },
        ConformanceCase(
            "commands are handled in the order sent",
            "A queue keeps its order for a processor that handles one at a time."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            for n in 1...100 { try await client.command("orders/place", ["n": .integer(n)]) }
            try expectEqual(try await journal.wait(for: 100).numbers, Array(1...100), "the order of handling")
        },
        ConformanceCase(
            "processors of a queue share its commands", "A command goes to one processor of its queue."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let options = ProcessorOptions(concurrency: 1, prefetch: 1)
            for name in ["a", "b"] {
                _ = try await world.service(as: name, noting: journal, options) { _ in try await gate.wait() }
            }
            let client = try await world.client()
            for n in 1...20 { try await client.command("orders/place", ["n": .integer(n)]) }
            // Each can hold one only, so two at work are one each.
            try expectEqual(try await journal.wait(for: 2).processors, ["a", "b"], "the processors at work")
            gate.open()
            try await journal.wait(for: 20)
            try await client.command("orders/place", ["n": 21])
            try expectEqual(try await journal.wait(for: 21).numbers.sorted(), Array(1...21), "the handled commands")
        },
        ConformanceCase(
            "queues are apart", "A command is delivered to a processor of its queue, and to no other."
        ) { world in
            let (orders, stock) = (world.journal(), world.journal())
            _ = try await world.service("orders", noting: orders)
            _ = try await world.service("stock", noting: stock)
            let client = try await world.client()
            for n in 1...10 {
                try await client.command("orders/place", ["n": .integer(n)])
                try await client.command("stock/take", ["n": .integer(-n)])
            }
            try expectEqual(Set(try await orders.wait(for: 10).numbers), Set(1...10), "the commands of 'orders'")
            try expectEqual(Set(try await stock.wait(for: 10).numbers), Set((-10)...(-1)), "the commands of 'stock'")
        },
        ConformanceCase(
            "each command has an identity of its own",
            "A message has an identity, the same however often it is delivered."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let client = try await world.client()
            for _ in 1...20 { try await client.command("orders/place") }
            let ids = try await journal.wait(for: 20).ids
            try expectEqual(ids.count, 20, "the number of different message ids")
            try expect(!ids.contains(""), "a message must not have an empty id")
        },
        ConformanceCase(
            "a bus can command itself", "Services address each other by logical targets, wherever they are."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            try await service.command("orders/place", ["n": 1])
            try expectEqual(try await journal.wait(for: 1).numbers, [1], "what is handled")
        },
        ConformanceCase(
            "a handler can send commands", "A processor sends over the bus that it runs on, also to its own queue."
        ) { world in
            let (journal, service) = (world.journal(), try await world.bus())
            let processor = NotingProcessor(
                name: "service", journal: journal,
                action: { received in
                    guard let n = received.number, n > 1 else { return }
                    try await service.command("orders/place", ["n": .integer(n - 1)])
                })
            try await service.register(processor, queue: "orders", options: ProcessorOptions(concurrency: 1))
            try await service.start()
            try await service.command("orders/place", ["n": 5])
            try expectEqual(try await journal.wait(for: 5).numbers, [5, 4, 3, 2, 1], "the chain of commands")
        },
        ConformanceCase(
            "a wrong target is refused before sending", "invalidTarget, serialization: before anything is sent."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            for target in [
                "orders", "orders/", "/place", "orders/place\n", "orders/pl ace", "or ders/place", "orders#place",
            ] {
                try await expectError(.invalidTarget, from: "a command to '\(target)'") {
                    try await service.command(RequestTarget(stringLiteral: target))
                }
            }
            try await expectError(.serialization, from: "a command whose body is no object") {
                try await service.command("orders/place", Message(encoding: [1, 2]))
            }
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what was delivered")
        },
    ]
}
