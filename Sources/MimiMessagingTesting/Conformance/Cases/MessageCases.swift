import MimiMessaging

/// What messages hold, and the limits of it.
enum MessageCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("every value survives", "A body arrives as it was sent, both ways.") { world in
            _ = try await world.service(noting: world.journal())
            let values: [String: MessageValue] = [
                "null": nil, "true": true, "false": false, "zero": 0, "negative": -42, "max": .integer(.max),
                "min": .integer(.min),
                "fraction": 0.1, "tiny": 2.2250738585072014e-308, "huge": 1.7976931348623157e308, "empty text": "",
                "empty array": [],
                "empty object": [:], "nested": ["a": [1, "two", nil, ["three": [true]]]],
            ]
            let answer = try await world.client().query("orders/show", Message(values))
            try expectEqual(try answer.values(), values, "the body that came back")
        },
        ConformanceCase("every text survives", "A body arrives as it was sent, both ways.") { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let texts = [
                "Größe", "日本語", "🇩🇪👩‍👩‍👧", "e\u{301}", "\u{0}\u{1}\u{1F}\u{7F}", "\"\\/\n\r\t",
                "\u{2028}\u{FEFF}\u{FFFD}",
                "عربى",
            ]
            let client = try await world.client()
            for text in texts {
                let message: Message = ["value": .string(text), text + "key": 1]
                let answer = try await client.query("orders/show", message, headers: ["x-text": text])
                // Compared as bytes, since equal texts may differ in their bytes.
                let value = try require(answer["value"]?.string, "the answer must have the text")
                try expectEqual(Array(value.utf8), Array(text.utf8), "the text that came back")
                try expect(answer[text + "key"] == 1, "a key with the text must come back")
                let header = try require(answer.headers["x-text"], "the answer must have the header")
                try expectEqual(Array(header.utf8), Array(text.utf8), "the header that came back")
            }
        },
        ConformanceCase("a body can be empty", "A body arrives as it was sent.") { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            _ = try await world.listener(queue: "billing", noting: journal)
            try await service.command("orders/place")
            try await service.event("users#locked", [:])
            for received in try await journal.wait(for: 2) {
                try expectEqual(try received.message.values(), [:], "the body")
            }
        },
        ConformanceCase("a body can be big", "A body of a mebibyte arrives as it was sent, both ways.") { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            _ = try await world.listener(queue: "billing", noting: journal)
            let client = try await world.client()
            let text = String(decoding: (0..<(1 << 20)).map(letter), as: UTF8.self)
            let answer = try await client.query("orders/show", ["text": .string(text)])
            try expect(answer["text"]?.string == text, "the text that came back is not the one sent")
            try await client.event("users#locked", ["text": .string(text)])
            try await client.command("orders/place", ["text": .string(text)])
            for received in try await journal.wait(for: 3) {
                try expect(received.message["text"]?.string == text, "the text that arrived is not the one sent")
            }
        },
        ConformanceCase("bodies of many sizes", "A body arrives as it was sent, whatever its size.") { world in
            _ = try await world.service(noting: world.journal())
            let client = try await world.client()
            for size in sizes {
                let text = String(repeating: "x", count: size - 12) + "y"
                let answer = try await client.query("orders/show", ["text": .string(text)])
                try expect(answer["text"]?.string == text, "the text of \(size) bytes did not come back as it was sent")
            }
        },
        ConformanceCase("big and small at a time", "A big body does not mix with others.") { world in
            _ = try await world.service(noting: world.journal())
            let client = try await world.client()
            try await withThrowingTaskGroup { group in
                for n in 1...60 {
                    group.addTask {
                        let text = String(repeating: "\(n) ", count: n.isMultiple(of: 10) ? 100_000 : 10)
                        let answer = try await client.query("orders/show", ["n": .integer(n), "text": .string(text)])
                        try expectEqual(answer["n"], .integer(n), "the number of answer \(n)")
                        try expect(answer["text"]?.string == text, "the text of answer \(n) is not the one sent")
                    }
                }
                try await group.waitForAll()
            }
        },
        ConformanceCase(
            "a body at the limit passes, one over it does not", "messageTooLarge before anything is sent."
        ) { world in
            let journal = world.journal()
            let limit: [String: OptionValue] = ["mq_max_body_size": 10_000]
            _ = try await world.service(noting: journal, bus: limit)
            let client = try await world.client(limit)
            let frame = "{\"text\":\"\"}".utf8.count
            let over: Message = ["text": .string(String(repeating: "x", count: 10_001 - frame))]
            let error = try await expectError(.messageTooLarge, from: "a command of 10,001 bytes") {
                try await client.command("orders/place", over)
            }
            try expect(!error.isRetryable, "sending what is too large again must not look useful")
            try await expectError(.messageTooLarge, from: "a query of 10,001 bytes") {
                try await client.query("orders/show", over)
            }
            try await expectError(.messageTooLarge, from: "an event of 10,001 bytes") {
                try await client.event("users#locked", over)
            }
            try await client.command("orders/place", ["text": .string(String(repeating: "x", count: 10_000 - frame))])
            let received = try await journal.wait(for: 1)
            try expectEqual(
                received.map { $0.message["text"]?.string?.count }, [10_000 - frame], "the lengths that arrived")
        },
        ConformanceCase("headers arrive", "Headers travel beside the body.") { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            _ = try await world.listener(queue: "billing", noting: journal)
            let client = try await world.client()
            var message: Message = [:]
            message.headers = ["tenant": "green", "x-only": "1"]
            // With the others as many as may be.
            let many = (1...43).map { ("x-\($0)", String(repeating: "v", count: $0)) }
            let headers = MessageHeaders(
                Dictionary(many, uniquingKeysWith: { first, _ in first })
                    .merging(["tenant": "blue", "empty": "", "long": String(repeating: "é", count: 4000)]) { _, new in
                        new
                    })
            let name = String(repeating: "n", count: 128)
            try await client.command("orders/place", message, headers: headers.merging([name: "128 bytes"]))
            try await client.event("users#locked", message, headers: headers.merging([name: "128 bytes"]))
            for received in try await journal.wait(for: 2) {
                for (name, value) in headers {
                    try expectEqual(received.context.headers[name], value, "the header '\(name)'")
                }
                try expectEqual(received.context.headers["x-only"], "1", "a header of the message")
                try expectEqual(received.context.headers[name], "128 bytes", "a header with a name of 128 bytes")
                try expectEqual(received.message.headers, received.context.headers, "the headers of the message")
                let strangers = received.context.headers.filter { $0.0.hasPrefix("__") }
                try expect(strangers.isEmpty, "the headers of the layer must not show: \(strangers)")
            }
        },
        ConformanceCase(
            "wrong header names are refused", "A header name is 1 to 128 bytes, and not of the layer's own."
        ) { world in
            let journal = world.journal()
            let service = try await world.service(noting: journal)
            for name in [
                "", "__method", "__attempt", "a\u{0}b", String(repeating: "n", count: 129),
                String(repeating: "n", count: 257),
            ] {
                try await expectError(.invalidMessage, from: "a command with the header name '\(name)'") {
                    try await service.command("orders/place", headers: MessageHeaders([name: "x"]))
                }
            }
            try await service.command("orders/mark")
            try expectEqual(try await journal.wait(for: 1).methods, ["mark"], "what was delivered")
        },
        ConformanceCase(
            "a message tells its sender and time", "app_id and timestamp travel with each message."
        ) { world in
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let client = try await world.client(["mq_app_id": "shop"])
            try await client.command("orders/place")
            _ = try await client.query("orders/show")
            for received in try await journal.wait(for: 2) {
                try expectEqual(received.context.senderAppID, "shop", "the sender")
                let sentAt = try require(received.context.sentAt, "a message must tell when it was sent")
                try expect(sentAt > 1_600_000_000, "the time must be in seconds since 1970, not \(sentAt)")
            }
        },
        ConformanceCase("names can be long", "A name has at most 255 bytes, the namespace included.") { world in
            let journal = world.journal()
            // What an adapter puts beside a queue has names that are longer.
            let name = String(repeating: "q", count: 200 - world.namespace.utf8.count)
            let service = try await world.service(name, noting: journal)
            let target = RequestTarget(stringLiteral: name + "/" + String(repeating: "m", count: 255))
            try await service.command(target, ["n": 1])
            try expectEqual(try await journal.wait(for: 1).numbers, [1], "what is handled")
            let long = RequestTarget(
                stringLiteral: String(repeating: "q", count: 256 - world.namespace.utf8.count) + "/m")
            try await expectError(.invalidTarget, from: "a command to a name of 256 bytes") {
                try await service.command(long)
            }
            await service.unregisterAllProcessors()
            try await world.harness.remove(queues: [world.namespace + name], topics: [])
        },
    ]

    /// Around the lengths at which buffers and frames end.
    private static let sizes: [Int] = [256, 4096, 16_384, 65_536, 131_072].flatMap { (border: Int) -> [Int] in
        [-40, -20, -12, -11, -10, -9, -8, -1, 0, 1, 9].map { border + $0 }
    }

    /// A row of letters in which no stretch repeats soon, so that a piece that is lost or doubled shows.
    private static func letter(at index: Int) -> UInt8 { UInt8(ascii: "a") + UInt8((index * 7 + index / 251) % 26) }
}
