import MimiMessaging

/// Queries whose processor fails.
enum QueryFailureCases {
    static let all: [ConformanceCase] = [
        ConformanceCase(
            "the asker gets the processor's error at once", "remote with the processor's code and message, at once."
        ) { world in
            _ = try await world.service(
                noting: world.journal(),
                onQuery: { _ in throw ProcessingError(code: "order_not_found", message: "no order 7, “sorry”") })
            let client = try await world.client()
            try await world.soon("the error of a query") {
                let error = try await expectError(.remote, from: "a query whose processor fails") {
                    try await client.query("orders/show")
                }
                try expectEqual(error.remoteCode, "order_not_found", "the code")
                try expectEqual(error.message, "no order 7, “sorry”", "the message")
                try expectEqual(error.target, "orders/show", "the target")
            }
        },
        ConformanceCase(
            "the asker learns no secrets", "Of an error that is not meant for others, the asker learns only the type."
        ) { world in
            struct Leak: Error, CustomStringConvertible { let description = "password=hunter2" }
            _ = try await world.service(noting: world.journal(), onQuery: { _ in throw Leak() })
            let client = try await world.client()
            let error = try await expectError(.remote, from: "a query whose processor fails") {
                try await client.query("orders/show")
            }
            try expect(!"\(error)".contains("hunter2"), "the error must not hold what the processor's error said")
            try expect(error.message.contains("Leak"), "the error must name the type of the processor's error")
        },
        ConformanceCase(
            "a failed query is not retried", "The caller of a query gets remote at once, and the query is acknowledged."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(
                noting: journal, ProcessorOptions(concurrency: 1, retryPolicy: RetryPolicy(delays: [])),
                onQuery: { _ in throw ProcessingError(code: "no", message: "no") })
            try await expectError(.remote, from: "the query") { try await service.query("orders/show") }
            await service.stop()
            try await service.start()
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 2).methods, ["show", "mark"], "what was handled")
        },
        ConformanceCase(
            "a query of an unknown method fails at once",
            "Unknown method: the caller gets remote, then it is dead-lettered."
        ) { world in
            let bus = try await world.bus()
            try await bus.requests("orders") { $0.query("show") { message, _ in message } }
            try await bus.start()
            try await world.soon("the error of a query of an unknown method") {
                let error = try await expectError(.remote, from: "a query of an unknown method") {
                    try await bus.query("orders/shwo", ["n": 1])
                }
                try expectEqual(error.remoteCode, MessagingError.Code.unknownMethod.description, "the code")
            }
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.unknownMethod.description, "the dead letter's reason")
            try expectEqual(try await bus.query("orders/show", ["n": 2])["n"], 2, "the next answer")
        },
        ConformanceCase(
            "a query that does not fit fails at once",
            "Undecodable body: the caller gets remote, then it is dead-lettered."
        ) { world in
            let bus = try await world.bus()
            try await bus.requests("orders") { orders in
                orders.on(ShowOrder.self) { show, _ in ShownOrder(id: show.id, items: []) }
            }
            try await bus.start()
            try await world.soon("the error of a query that does not fit") {
                let error = try await expectError(.remote, from: "a query that does not fit its type") {
                    try await bus.query("orders/show", ["id": "seven"])
                }
                try expectEqual(error.remoteCode, MessagingError.Code.serialization.description, "the code")
            }
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.serialization.description, "the dead letter's reason")
        },
        ConformanceCase(
            "an answer that cannot be sent is an error",
            "A reply that is not encodable or too large becomes an error reply."
        ) { world in
            let service = try await world.service(
                noting: world.journal(), bus: ["mq_max_body_size": 4096],
                onQuery: { received in
                    switch received.number {
                    case 1: Message(encoding: [1, 2, 3])
                    case 2: ["text": .string(String(repeating: "x", count: 5000))]
                    case 3: Message([:], headers: ["__method": "steal"])
                    default: received.message
                    }
                })
            try await world.soon("the answers") {
                let codes: [(Int, MessagingError.Code)] = [
                    (1, .serialization), (2, .messageTooLarge), (3, .invalidMessage),
                ]
                for (n, code) in codes {
                    let error = try await expectError(.remote, from: "query \(n)") {
                        try await service.query("orders/show", ["n": .integer(n)])
                    }
                    try expectEqual(error.remoteCode, code.description, "the code of query \(n)")
                }
                try expectEqual(try await service.query("orders/show", ["n": 4])["n"], 4, "the next answer")
            }
        },
        ConformanceCase(
            "a query can say not now", "A query whose processor throws NACK is delivered again after the retry delay."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(
                noting: journal,
                onQuery: { received in
                    if received.context.attempt < 3 { throw NACK() }
                    return received.message
                })
            try expectEqual(try await service.query("orders/show", ["n": 1])["n"], 1, "the answer")
            let received = journal.entries
            try expectEqual(received.attempts, [1, 2, 3], "the attempts")
            try expectEqual(received.ids.count, 1, "the number of different message ids")
            try expect(
                received.allSatisfy { $0.kind == .query && $0.context.deadline != nil },
                "a query must stay one, with its deadline, when it is delivered again")
        },
        ConformanceCase(
            "a query is not delivered again for nobody",
            "A query whose processor throws NACK is tried as long as its asker waits, and not much longer."
        ) { world in
            let (journal, marked) = (world.journal(), world.journal())
            let service = try await world.service(
                noting: journal,
                onCommand: { received in
                    // Its retries take the time in which the query would be seen.
                    if received.context.attempt < 20 { throw NACK() }
                    marked.note(received)
                }, onQuery: { _ in throw NACK() })
            try await expectError(.timeout, from: "a query that is never taken") {
                try await service.query("orders/show", timeout: .milliseconds(100))
            }
            try await service.command("orders/mark")
            try await marked.wait(for: 1)
            let attempts = journal.entries.of("show").count
            try await service.command("orders/mark")
            try await marked.wait(for: 2)
            try expectEqual(journal.entries.of("show").count, attempts, "the attempts long after the asker had gone")
        },
        ConformanceCase(
            "a query can be retried like a command", "Option: a failed query is retried while its asker waits."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(
                noting: journal, ProcessorOptions(retriesQueries: true),
                onQuery: { received in
                    if received.context.attempt < 3 { throw ProcessingError(code: "busy", message: "try again") }
                    return received.message
                })
            try expectEqual(try await service.query("orders/show", ["n": 1])["n"], 1, "the answer")
            try expectEqual(journal.entries.attempts, [1, 2, 3], "the attempts")
        },
        ConformanceCase(
            "a query that is retried in vain ends",
            "After the last attempt the query is dead-lettered; the caller gets remote."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(
                noting: journal, ProcessorOptions(retriesQueries: true),
                onQuery: { _ in throw ProcessingError(code: "broken", message: "for good") })
            let error = try await expectError(.remote, from: "a query that always fails") {
                try await service.query("orders/show", ["n": 1])
            }
            try expectEqual(error.remoteCode, "broken", "the code")
            try expectEqual(journal.entries.attempts, [1, 2, 3], "the attempts")
            try expectEqual(try await world.deadLetters()[0].failureCode, "broken", "the dead letter's reason")
        },
    ]
}
