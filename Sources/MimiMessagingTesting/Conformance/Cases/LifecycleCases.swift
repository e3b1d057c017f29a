import MimiMessaging

/// Starting, stopping, registering.
enum LifecycleCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("nothing is sent before the start", "notStarted before anything is sent.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            _ = try await world.listener(queue: "billing", noting: journal)
            let client = try await world.bus()
            try await world.expectNotStarted(client)
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what was delivered")
        },
        ConformanceCase("nothing is sent after the stop", "notStarted before anything is sent.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            let client = try await world.client()
            try await client.command("orders/mark")
            await client.stop()
            try await world.expectNotStarted(client)
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 2).methods, ["mark", "mark"], "what was delivered")
        },
        ConformanceCase("a bus can be stopped twice", "stop() is idempotent per part.") { world in
            let service = try await world.service(noting: world.journal())
            let idle = try await world.bus()
            try await world.soon("stopping twice") {
                await idle.stop()
                await service.stop()
                await service.stop()
                await withTaskGroup { group in
                    for _ in 1...5 { group.addTask { await service.stop() } }
                }
            }
        },
        ConformanceCase("a bus can be started twice", "start() is idempotent per part.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            try await service.start()
            try await withThrowingTaskGroup { group in
                for _ in 1...5 { group.addTask { try await service.start() } }
                try await group.waitForAll()
            }
            try await world.listener(queue: nil, noting: world.journal()).event("users#locked")
            for n in 1...10 { try await service.command("orders/place", ["n": .integer(n)]) }
            try expectEqual(try await journal.wait(for: 10).numbers, Array(1...10), "what is handled, once each")
        },
        ConformanceCase("a restarted bus goes on", "Restartable; registrations survive a stop.") { world in
            let (commands, events) = (world.journal(), world.journal())
            let service = try await world.service(noting: commands, ProcessorOptions(concurrency: 1))
            try await service.register(
                NotingProcessor(name: "listener", journal: events), topic: "users", queue: "billing",
                options: ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            for round in 1...5 {
                try await client.command("orders/place", ["n": .integer(round)])
                try await client.event("users#locked", ["n": .integer(round)])
                try expectEqual(try await client.query("orders/show", ["n": 0])["n"], 0, "the answer in round \(round)")
                await service.stop()
                await client.stop()
                try await client.start()
                try await service.start()
            }
            try expectEqual(try await events.wait(for: 5).numbers, Array(1...5), "the handled events")
            try expectEqual(try await commands.wait(for: 10).of("place").numbers, Array(1...5), "the handled commands")
        },
        ConformanceCase(
            "the adapter runs without processors", "start(adapter:processors:): each part for itself."
        ) { world in
            let journal = world.journal()
            let bus = try await world.service(noting: journal)
            await bus.stop()
            try await bus.start(processors: false)
            try await bus.command("orders/place", ["n": 1])
            try await world.expectDepth(1)
            try await bus.start()
            try expectEqual(try await journal.wait(for: 1).numbers, [1], "what is handled after the processors' start")
        },
        ConformanceCase("processors stop for themselves", "stop(adapter:processors:): each part for itself.") { world in
            let journal = world.journal()
            let bus = try await world.service(noting: journal)
            try await bus.command("orders/place", ["n": 1])
            try await journal.wait(for: 1)
            await bus.stop(adapter: false)
            try await bus.command("orders/place", ["n": 2])
            try await world.expectDepth(1)
            try await bus.start()
            try expectEqual(
                try await journal.wait(for: 2).numbers, [1, 2], "what is handled after the processors' start")
        },
        ConformanceCase(
            "a processor of a started bus runs at once", "Registering on a started bus starts that processor at once."
        ) { world in
            let (commands, events) = (world.journal(), world.journal())
            let bus = try await world.client()
            try await bus.register(NotingProcessor(name: "service", journal: commands), queue: "orders")
            try await bus.command("orders/place", ["n": 1])
            try await bus.register(NotingProcessor(name: "listener", journal: events), topic: "users")
            try await bus.event("users#locked", ["n": 2])
            try expectEqual(try await commands.wait(for: 1).numbers, [1], "the handled commands")
            try expectEqual(try await events.wait(for: 1).numbers, [2], "the handled events")
        },
        ConformanceCase(
            "processors can be unregistered", "unregisterAllProcessors(): all processors stop and are forgotten."
        ) { world in
            let journal = world.journal()
            let bus = try await world.service(as: "old", noting: journal)
            try await bus.command("orders/place", ["n": 1])
            try await journal.wait(for: 1)
            await bus.unregisterAllProcessors()
            try await bus.command("orders/place", ["n": 2])
            try await world.expectDepth(1)
            await bus.stop()
            try await bus.start()
            try await bus.register(NotingProcessor(name: "new", journal: journal), queue: "orders")
            try expectEqual(try await journal.wait(for: 2).map(\.processor), ["old", "new"], "who handled")
        },
        ConformanceCase(
            "namespaces are apart", "mq_namespace stands before each queue and topic on the bus."
        ) { world in
            let (own, other) = (world.journal(), world.journal())
            let elsewhere: [String: OptionValue] = ["mq_namespace": .string(world.namespace + "b.")]
            let first = try await world.service(noting: own, ProcessorOptions(concurrency: 1))
            _ = try await world.listener(queue: nil, noting: own)
            let second = try await world.client(elsewhere)
            try await expectError(.unroutable, from: "a command to a queue of another namespace") {
                try await second.command("orders/place")
            }
            try await second.event("users#locked", ["n": 0])
            try await second.register(NotingProcessor(name: "other", journal: other), queue: "orders")
            try await second.command("orders/place", ["n": 1])
            try await first.command("orders/place", ["n": 2])
            try expectEqual(
                try await second.query("orders/show", ["n": 3])["n"], 3, "the answer of the namespace's own")
            try await first.event("users#locked", ["n": 4])
            try expectEqual(Set(try await own.wait(for: 2).numbers), [2, 4], "what the first namespace got")
            try expectEqual(Set(try await other.wait(for: 2).numbers), [1, 3], "what the second namespace got")
        },
        ConformanceCase("a bus runs as a service", "run(): starts, waits for the end, stops.") { world in
            let journal = world.journal()
            let bus = try await world.service(noting: journal)
            await bus.stop()
            let client = try await world.client()
            try await client.command("orders/place", ["n": 1])
            let running = Task { try await bus.run() }
            try await journal.wait(for: 1)
            running.cancel()
            try await world.soon("the end of run() after its cancellation") { try await running.value }
            try await world.expectNotStarted(bus)
            try await client.command("orders/place", ["n": 2])
            let successor = world.journal()
            _ = try await world.service(noting: successor)
            // The first may come again: its bus may have been cancelled before it was acknowledged.
            try await world.awaitNumbers([2], in: successor)
            try expectEqual(journal.entries.numbers, [1], "what the bus got that had ended")
        },
    ]
}

extension World {
    /// Checks that a bus refuses to send.
    func expectNotStarted(_ bus: MessageBus) async throws {
        try await soon("the refusal of a bus that is not started") {
            try await expectError(.notStarted, from: "a command") { try await bus.command("orders/place") }
            try await expectError(.notStarted, from: "a query") { try await bus.query("orders/show") }
            try await expectError(.notStarted, from: "an event") { try await bus.event("users#locked") }
        }
    }
}
