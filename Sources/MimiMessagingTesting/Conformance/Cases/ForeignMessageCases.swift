import MimiMessaging

/// Messages that no bus would send.
enum ForeignMessageCases {
    static let all: [ConformanceCase] =
        bodies.map { name, body in
            ConformanceCase(
                "a foreign body: \(name)", "An undecodable body is dead-lettered at once, never retried."
            ) { world in
                let journal = world.journal()
                let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
                try await world.send(ForeignMessage(body: body, contentType: "application/json", method: "place"))
                let letter = try await world.deadLetters()[0]
                try expectEqual(letter.body, body, "the body of the dead letter")
                try expectEqual(letter.failureCode, MessagingError.Code.serialization.description, "the reason")
                try expectEqual(letter.attempts, 1, "the attempts")
                try await service.command("orders/mark")
                try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what is handled")
            }
        } + others

    private static let bodies: [(String, [UInt8])] = [
        ("nothing", []),
        ("an array", Array("[1,2,3]".utf8)),
        ("a number", Array("42".utf8)),
        ("half an object", Array("{\"a\":".utf8)),
        ("0xFF bytes", Array(repeating: 0xFF, count: 1000)),
        ("zero bytes", Array(repeating: 0, count: 1000)),
        (
            "500 deep",
            Array((String(repeating: "{\"a\":", count: 500) + "1" + String(repeating: "}", count: 500)).utf8)
        ),
        ("100,000 deep", Array("{\"a\":".utf8) + Array(repeating: UInt8(ascii: "["), count: 100_000)),
    ]

    private static let others: [ConformanceCase] = [
        ConformanceCase("a foreign command", "A service in another language can take part.") { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            try await world.send(ForeignMessage(body: Array("{\"n\": 5}".utf8), method: "place"))
            let received = try await journal.wait(for: 1)[0]
            try expectEqual(received.kind, .command, "the kind of a message that does not say")
            try expectEqual(received.method, "place", "the method")
            try expectEqual(received.number, 5, "the number in the body")
            try expectEqual(received.context.attempt, 1, "the attempt of a message without header for it")
            try expectEqual(received.context.messageID, "", "the id of a message without one")
            try expect(received.context.sentAt == nil, "a message that does not say when it was sent must have no time")
            try expect(
                received.context.senderAppID == nil,
                "a message that does not say by whom it was sent must have no sender")
        },
        ConformanceCase("a foreign event", "A service in another language can take part.") { world in
            let journal = world.journal()
            _ = try await world.listener(queue: "billing", noting: journal)
            _ = try await world.listener(queue: nil, noting: journal)
            try await world.publish(ForeignMessage(body: Array("{\"n\": 5}".utf8), method: "locked"))
            for received in try await journal.wait(for: 2) {
                try expectEqual(received.kind, .event, "the kind of a message from a topic that does not say")
                try expectEqual(received.method, "locked", "the type of the event")
                try expectEqual(received.number, 5, "the number in the body")
            }
        },
        ConformanceCase("a foreign message is retried like others", "What a processor's outcome does.") { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal) { received in
                if received.context.attempt < 3 { throw ProcessingError(code: "busy", message: "") }
            }
            try await world.send(
                ForeignMessage(
                    body: Array("{\"n\": 5}".utf8), contentType: "application/json", method: "place", id: "f-1",
                    headers: ["x-colour": "grün"]))
            let received = try await journal.wait(for: 3)
            try expectEqual(received.attempts, [1, 2, 3], "the attempts")
            try expectEqual(received.ids, ["f-1"], "the message ids")
            try expect(
                received.allSatisfy { $0.context.headers["x-colour"] == "grün" }, "each delivery must have the header")
        },
        ConformanceCase(
            "a foreign message that repeats itself", "Nothing is lost: equal messages are different messages."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            for _ in 1...3 {
                try await world.send(ForeignMessage(body: Array("{\"n\": 1}".utf8), method: "place", id: "same"))
            }
            try expectEqual(try await journal.wait(for: 3).numbers, [1, 1, 1], "what is handled")
        },
        ConformanceCase("a message without a method", "A message without our headers is dead-lettered once.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            try await world.send(ForeignMessage(body: Array("{}".utf8)))
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.unknownMethod.description, "the dead letter's reason")
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what is handled")
        },
        ConformanceCase("an event without a type", "A message without our headers is dead-lettered once.") { world in
            let journal = world.journal()
            let listener = try await world.listener(queue: "billing", noting: journal)
            try await world.publish(ForeignMessage(body: Array("{}".utf8)))
            let letter = try await world.deadLetters(of: "billing")[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.unknownMethod.description, "the dead letter's reason")
            try await listener.event("users#mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what is heard")
        },
        ConformanceCase("a method that is no word", "Wrong input is named, and nothing is lost.") { world in
            let bus = try await world.bus()
            let journal = Journal<String>(limit: world.patience)
            try await bus.requests("orders") { orders in orders.command("mark") { _, _ in journal.note("mark") } }
            try await bus.start()
            let methods = ["", "pl ace", "a/b\n", String(repeating: "x", count: 200)]
            for method in methods { try await world.send(ForeignMessage(body: Array("{}".utf8), method: method)) }
            let letters = try await world.deadLetters(count: methods.count)
            try expectEqual(
                Set(letters.map(\.failureCode)), [MessagingError.Code.unknownMethod.description],
                "the dead letters' reasons")
            try await bus.command("orders/mark")
            try await journal.wait(for: 1)
        },
        ConformanceCase("a reply in a queue", "A reply is no request: dead-lettered at once.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            try await world.send(ForeignMessage(body: Array("{}".utf8), method: "place", kind: .reply, id: "r-1"))
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.invalidMessage.description, "the dead letter's reason")
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what is handled")
        },
        ConformanceCase(
            "a body of an unknown kind", "No serializer for the content type: dead-lettered at once."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            let body = Array("{\"looks\": \"like JSON\"}".utf8)
            try await world.send(ForeignMessage(body: body, contentType: "application/x-unheard-of", method: "place"))
            let letter = try await world.deadLetters()[0]
            try expectEqual(
                letter.failureCode, MessagingError.Code.serialization.description, "the dead letter's reason")
            try expectEqual(letter.contentType, "application/x-unheard-of", "the content type")
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what is handled")
        },
        ConformanceCase(
            "a content type with parameters", "The receiver chooses the serializer by the content type."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let types = ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
            for type in types {
                try await world.send(ForeignMessage(body: Array("{\"n\":1}".utf8), contentType: type, method: "place"))
            }
            try expectEqual(try await journal.wait(for: 3).numbers, [1, 1, 1], "what is handled")
        },
        ConformanceCase(
            "a body over the limit", "A message over a limit is dead-lettered once, and harms nobody."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, bus: ["mq_max_body_size": 10_000])
            let body =
                Array("{\"text\":\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: 20_000) + Array("\"}".utf8)
            try await world.send(ForeignMessage(body: body, contentType: "application/json", method: "place"))
            _ = try await world.deadLetters()
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what is handled")
        },
        ConformanceCase(
            "a reply address that is none", "A processor answers only to a reply address that is one."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal, ProcessorOptions(concurrency: 1))
            for address in [
                "nowhere", "amq.rabbitmq.reply-to.", "amq.rabbitmq.reply-to.!!!", "a b\n",
                String(repeating: "x", count: 255),
            ] {
                try await world.send(
                    ForeignMessage(
                        body: Array("{}".utf8), contentType: "application/json", method: "show", kind: .query,
                        id: "q-1",
                        replyAddress: address))
            }
            try await service.command("orders/mark")
            let last = try await service.query("orders/show", ["n": 6])
            try expectEqual(last["n"], 6, "the answer to a query after those")
            try expectEqual(journal.entries.of("mark").count, 1, "the number of handled marks")
        },
    ]
}
