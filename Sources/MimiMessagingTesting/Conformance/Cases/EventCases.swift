import MimiMessaging

/// Events: one to many.
enum EventCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("an event reaches every queue", "An event is confirmed for every bound queue.") { world in
            let (billing, audit) = (world.journal(), world.journal())
            _ = try await world.listener(queue: "billing", noting: billing)
            _ = try await world.listener(queue: "audit", noting: audit)
            try await world.client().event("users#locked", ["n": 4])
            for journal in [billing, audit] {
                let received = try await journal.wait(for: 1)[0]
                try expectEqual(received.kind, .event, "the kind")
                try expectEqual(received.method, "locked", "the type of the event")
                try expectEqual(received.number, 4, "the number in the body")
                try expectEqual(received.context.target, "users#locked", "the target that the processor sees")
                try expectEqual(received.context.attempt, 1, "the attempt")
            }
        },
        ConformanceCase("a typed event reaches its handler", "A typed message knows its target.") { world in
            let journal = Journal<UserLocked>(limit: world.patience)
            let bus = try await world.bus()
            try await bus.events("users", queue: "billing") { users in
                users.on(UserLocked.self) { event, _ in journal.note(event) }
            }
            try await bus.start()
            try await bus.event(UserLocked(id: "b3cc"))
            try expectEqual(try await journal.wait(for: 1), [UserLocked(id: "b3cc")], "what the handler got")
        },
        ConformanceCase("nobody has to listen", "No subscriber is no error.") { world in
            let client = try await world.client()
            try await world.soon("an event that nobody listens to") { try await client.event("users#locked") }
            let journal = world.journal()
            _ = try await world.listener(queue: "billing", noting: journal)
            try await client.event("users#unlocked")
            try expectEqual(try await journal.wait(for: 1).methods, ["unlocked"], "what a later listener hears")
        },
        ConformanceCase(
            "listeners of a queue share its events", "With a queue, one instance gets each event."
        ) { world in
            let (journal, gate) = (world.journal(), world.gate())
            let options = ProcessorOptions(concurrency: 1, prefetch: 1)
            for name in ["a", "b"] {
                _ = try await world.listener(queue: "billing", as: name, noting: journal, options) { _ in
                    try await gate.wait()
                }
            }
            let client = try await world.client()
            for n in 1...20 { try await client.event("users#locked", ["n": .integer(n)]) }
            try expectEqual(try await journal.wait(for: 2).processors, ["a", "b"], "the listeners at work")
            gate.open()
            try await journal.wait(for: 20)
            try await client.event("users#locked", ["n": 21])
            try expectEqual(try await journal.wait(for: 21).numbers.sorted(), Array(1...21), "the handled events")
        },
        ConformanceCase(
            "every listener without a queue hears every event", "Without a queue, each processor gets each event."
        ) { world in
            let journals = ["a": world.journal(), "b": world.journal(), "c": world.journal()]
            for (name, journal) in journals {
                _ = try await world.listener(queue: nil, as: name, noting: journal, ProcessorOptions(concurrency: 1))
            }
            let client = try await world.client()
            for n in 1...10 { try await client.event("users#locked", ["n": .integer(n)]) }
            for (name, journal) in journals {
                try expectEqual(try await journal.wait(for: 10).numbers, Array(1...10), "what listener \(name) hears")
            }
        },
        ConformanceCase(
            "events wait while nobody runs", "Events wait in their queue while none of its processors runs."
        ) { world in
            let journal = world.journal()
            let listener = try await world.listener(queue: "billing", noting: journal, ProcessorOptions(concurrency: 1))
            await listener.stop()
            let client = try await world.client()
            for n in 1...5 { try await client.event("users#locked", ["n": .integer(n)]) }
            await client.stop()
            try await listener.start()
            try expectEqual(try await journal.wait(for: 5).numbers, [1, 2, 3, 4, 5], "what is heard after the start")
        },
        ConformanceCase(
            "a listener without a queue misses what it sleeps through",
            "A temporary queue goes when its processor goes."
        ) { world in
            let journal = world.journal()
            let listener = try await world.listener(queue: nil, noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            try await client.event("users#locked", ["n": 1])
            try await journal.wait(for: 1)
            await listener.stop()
            try await client.event("users#locked", ["n": 2])
            try await listener.start()
            try await client.event("users#locked", ["n": 3])
            try expectEqual(try await journal.wait(for: 2).numbers, [1, 3], "what is heard")
        },
        ConformanceCase(
            "events are heard in the order sent", "A queue keeps its order for a processor that handles one at a time."
        ) { world in
            let journal = world.journal()
            _ = try await world.listener(queue: "billing", noting: journal, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            for n in 1...100 { try await client.event("users#locked", ["n": .integer(n)]) }
            try expectEqual(try await journal.wait(for: 100).numbers, Array(1...100), "the order of handling")
        },
        ConformanceCase("handlers hear the types they chose", "Events of other types are ignored.") { world in
            let journal = Journal<String>(limit: world.patience)
            let bus = try await world.bus()
            try await bus.events("users", queue: "billing", options: ProcessorOptions(concurrency: 1)) { users in
                users.event("locked") { _, _ in journal.note("locked") }
                users.event("mark") { _, _ in journal.note("mark") }
            }
            try await bus.start()
            for type in ["locked", "renamed", "deleted", "mark"] {
                try await bus.event(EventTarget(stringLiteral: "users#\(type)"))
            }
            try expectEqual(try await journal.wait(for: 2), ["locked", "mark"], "what is heard")
            // What was ignored is done: it is not with the dead letters, before what is refused.
            try await world.publish(ForeignMessage(body: Array("no".utf8), method: "locked", kind: .event))
            try expectEqual(
                try await world.deadLetters(of: "billing").map(\.body), [Array("no".utf8)], "the dead letters")
        },
        ConformanceCase("topics are apart", "An event goes to those who listen to its topic.") { world in
            let (users, orders) = (world.journal(), world.journal())
            _ = try await world.listener("users", queue: "billing", noting: users)
            _ = try await world.listener("orders", queue: "audit", noting: orders)
            let client = try await world.client()
            for n in 1...10 {
                try await client.event("users#changed", ["n": .integer(n)])
                try await client.event("orders#changed", ["n": .integer(-n)])
            }
            try expectEqual(Set(try await users.wait(for: 10).numbers), Set(1...10), "the events of 'users'")
            try expectEqual(Set(try await orders.wait(for: 10).numbers), Set((-10)...(-1)), "the events of 'orders'")
        },
        ConformanceCase("a topic is no queue", "Targets queue/method and topic#type name different things.") { world in
            let (commands, events) = (world.journal(), world.journal())
            _ = try await world.service("orders", noting: commands)
            _ = try await world.listener("orders", queue: "audit", noting: events)
            let client = try await world.client()
            try await client.command("orders/place")
            try await client.event("orders#placed")
            try expectEqual(try await commands.wait(for: 1).methods, ["place"], "what the queue 'orders' got")
            try expectEqual(try await events.wait(for: 1).methods, ["placed"], "what the topic 'orders' got")
        },
        ConformanceCase(
            "one bus can listen to several topics", "Each registration gets the events of its topic."
        ) { world in
            let journal = world.journal()
            let bus = try await world.bus()
            for topic in ["users", "orders"] {
                try await bus.register(
                    NotingProcessor(name: topic, journal: journal), topic: topic,
                    queue: topic == "users" ? "billing" : "audit")
            }
            try await bus.start()
            try await bus.event("users#changed")
            try await bus.event("orders#placed")
            try expectEqual(try await journal.wait(for: 2).processors, ["users", "orders"], "the listeners")
        },
        ConformanceCase(
            "a failing listener harms no other",
            "Each queue of a topic has messages, attempts and dead letters of its own."
        ) { world in
            let (billing, audit) = (world.journal(), world.journal())
            _ = try await world.listener(queue: "billing", noting: billing) { received in
                if received.method == "locked" { throw ProcessingError(code: "broken", message: "broken") }
            }
            _ = try await world.listener(queue: "audit", noting: audit, ProcessorOptions(concurrency: 1))
            let client = try await world.client()
            try await client.event("users#locked")
            try expectEqual(try await billing.wait(for: 3).attempts, [1, 2, 3], "the attempts in the queue that fails")
            let letter = try await world.deadLetters(of: "billing")[0]
            try expectEqual(letter.failureCode, "broken", "the dead letter's reason")
            try expectEqual(letter.method, "locked", "the dead letter's type of event")
            try await client.event("users#mark")
            try expectEqual(try await audit.wait(for: 2).methods, ["locked", "mark"], "what the other queue got")
        },
        ConformanceCase(
            "what fails without a queue is gone", "An event processor without a queue is best effort by definition."
        ) { world in
            let journal = world.journal()
            let options = ProcessorOptions(concurrency: 1, retryPolicy: RetryPolicy(delays: []))
            _ = try await world.listener(queue: nil, noting: journal, options) { received in
                switch received.method {
                case "failing": throw ProcessingError(code: "broken", message: "broken")
                case "refusing": throw NACK()
                default: break
                }
            }
            let client = try await world.client()
            for type in ["failing", "refusing", "mark"] {
                try await client.event(EventTarget(stringLiteral: "users#\(type)"))
            }
            try expectEqual(try await journal.wait(for: 3).methods, ["failing", "refusing", "mark"], "what is heard")
        },
        ConformanceCase("a handler can send events", "A processor sends over the bus that it runs on.") { world in
            let journal = world.journal()
            _ = try await world.listener(queue: "billing", noting: journal)
            let service = try await world.bus()
            try await service.requests("orders") { orders in
                orders.command("place") { message, _ in try await service.event("users#ordered", message) }
            }
            try await service.start()
            try await service.command("orders/place", ["n": 8])
            try expectEqual(try await journal.wait(for: 1).numbers, [8], "what is heard")
        },
    ]
}
