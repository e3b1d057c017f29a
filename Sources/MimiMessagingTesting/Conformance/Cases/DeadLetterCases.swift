import MimiMessaging

/// What is given up, and how it looks then.
enum DeadLetterCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("a dead letter says why", "Dead letters: headers say error and attempts.") { world in
            let service = try await world.service(noting: world.journal()) { _ in
                throw ProcessingError(code: "no_stock", message: "nothing left of “tea”")
            }
            try await service.command("orders/place", ["n": 1])
            let letter = try await world.deadLetters()[0]
            try expectEqual(letter.failureCode, "no_stock", "the code")
            try expectEqual(letter.failureMessage, "nothing left of “tea”", "the message")
            try expectEqual(letter.attempts, 3, "the attempts")
        },
        ConformanceCase("a dead letter keeps its message", "Dead letters: original body untouched.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal) { _ in
                throw ProcessingError(code: "broken", message: "broken")
            }
            let body = Array("{ \"b\" : 1.0,\n\t\"a\":\"\\u00e4\", \"b\":2 }".utf8)
            try await world.send(
                ForeignMessage(body: body, contentType: "application/json; charset=utf-8", method: "place", id: "id-1"))
            var letter = try await world.deadLetters()[0]
            try expectEqual(letter.body, body, "the body of a foreign message")
            try expectEqual(letter.contentType, "application/json; charset=utf-8", "the content type")
            try expectEqual(letter.id, "id-1", "the message id")
            try expectEqual(letter.method, "place", "the method")
            try await service.command("orders/pay", ["n": 1], headers: ["tenant": "blue", "empty": ""])
            letter = try await world.deadLetters()[0]
            try expectEqual(letter.headers["tenant"], "blue", "a header")
            try expectEqual(letter.headers["empty"], "", "an empty header")
            try expectEqual(letter.id, journal.entries.last?.context.messageID, "the message id")
            try expectEqual(letter.method, "pay", "the method")
        },
        ConformanceCase("a long reason is cut", "A failure's message has at most 1,024 bytes.") { world in
            let service = try await world.service(noting: world.journal()) { _ in
                throw ProcessingError(
                    code: "long", message: String(repeating: "ä", count: 100_000), isFinal: true)
            }
            try await service.command("orders/place")
            let message = try require(try await world.deadLetters()[0].failureMessage, "there must be a message")
            try expect(message.hasPrefix("ää") && message.utf8.count <= 1024, "the message must be cut to 1,024 bytes")
        },
        ConformanceCase("poison harms nobody", "A bad message is dead-lettered once, and the next proceeds.") { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            for n in 1...20 {
                try await world.send(ForeignMessage(body: Array("poison \(n)".utf8), method: "place"))
                try await world.send(ForeignMessage(body: Array("{\"n\":\(n)}".utf8), method: "place"))
            }
            try expectEqual(try await journal.wait(for: 20).numbers.sorted(), Array(1...20), "what is handled")
            let bodies = Set(try await world.deadLetters(count: 20).map { String(decoding: $0.body, as: UTF8.self) })
            try expectEqual(bodies, Set((1...20).map { "poison \($0)" }), "the dead letters")
        },
        ConformanceCase(
            "dead letters do not return", "What is dead-lettered is never delivered again by this layer."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1)) { received in
                guard received.method == "place" else { return }
                throw ProcessingError(code: "broken", message: "broken", isFinal: true)
            }
            try await service.command("orders/place")
            try await service.command("orders/mark")
            try await journal.wait(for: 2)
            await service.stop()
            try await service.start()
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 3).methods, ["place", "mark", "mark"], "what is handled")
            _ = try await world.deadLetters()
        },
        ConformanceCase(
            "a command of an unknown method is given up", "Unknown method: dead-lettered at once, never retried."
        ) { world in
            let bus = try await world.bus()
            let journal = Journal<Int>(limit: world.patience)
            try await bus.requests("orders") { orders in
                orders.command("mark") { message, _ in journal.note(try message["n"]) }
            }
            try await bus.start()
            try await bus.command("orders/palce", ["n": 1])
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.unknownMethod.description, "the dead letter's reason")
            try expectEqual(letter.attempts, 1, "the attempts")
            try await bus.command("orders/mark", ["n": 2])
            try expectEqual(try await journal.wait(for: 1), [2], "what is handled next")
        },
        ConformanceCase(
            "a command that does not fit is given up", "Undecodable body: dead-lettered at once, never retried."
        ) { world in
            let bus = try await world.bus()
            let journal = Journal<PlaceOrder>(limit: world.patience)
            try await bus.requests("orders") { orders in
                orders.on(PlaceOrder.self) { order, _ in journal.note(order) }
            }
            try await bus.start()
            try await bus.command("orders/place", ["id": 1])
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.serialization.description, "the dead letter's reason")
            try expectEqual(letter.attempts, 1, "the attempts")
            try await bus.command(PlaceOrder(id: 2, note: ""))
            try expectEqual(try await journal.wait(for: 1), [PlaceOrder(id: 2, note: "")], "what is handled next")
        },
        ConformanceCase(
            "each queue has dead letters of its own", "Dead letters lie beside the queue that gave up."
        ) { world in
            let fail: NotingProcessor.Action = { _ in throw ProcessingError(code: "no", message: "", isFinal: true) }
            let orders = try await world.service("orders", noting: world.journal(), onCommand: fail)
            _ = try await world.service("stock", noting: world.journal(), onCommand: fail)
            _ = try await world.listener(queue: "billing", noting: world.journal(), onEvent: fail)
            try await orders.command("orders/place")
            try await orders.command("stock/take")
            try await orders.event("users#locked")
            for (queue, method) in [("orders", "place"), ("stock", "take"), ("billing", "locked")] {
                try expectEqual(
                    try await world.deadLetters(of: queue).map(\.method), [method], "the dead letters of \(queue)")
            }
        },
    ]
}
