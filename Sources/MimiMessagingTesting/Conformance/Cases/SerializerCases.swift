import MimiMessaging

/// Bodies in other forms than JSON, and what middleware sees of them.
enum SerializerCases {
    static let all: [ConformanceCase] = [
        ConformanceCase("a second serializer", "The content type goes with each message, both ways.") { world in
            let seen = Journal<IncomingMessage>(limit: world.patience)
            let journal = world.journal()
            let service = try await world.bus(middleware: [Watching(seen)], serializers: [SwappedSerializer()])
            try await service.register(NotingProcessor(name: "service", journal: journal), queue: "orders")
            try await service.start()
            let client = try await world.client(serializers: [SwappedSerializer()])
            let answer = try await client.query("orders/show", ["n": 1])
            try expectEqual(try answer.values(), ["n": 1], "the answer")
            let message = try await seen.wait(for: 1)[0]
            try expectEqual(message.contentType, SwappedSerializer().contentType, "the content type on the way")
            try expect(message.body.first == UInt8(ascii: "}"), "the body on the way must be as the serializer made it")
        },
        ConformanceCase(
            "JSON is always understood", "The first serializer is used for sending, all of them for reading."
        ) { world in
            let journal = world.journal()
            let service = try await world.bus(serializers: [SwappedSerializer()])
            try await service.register(NotingProcessor(name: "service", journal: journal), queue: "orders")
            try await service.start()
            try await world.client().command("orders/place", ["n": 1])
            try expectEqual(try await journal.wait(for: 1).numbers, [1], "what is handled")
        },
        ConformanceCase(
            "an answer that nobody can read", "No serializer for the content type: serialization."
        ) { world in
            let service = try await world.bus(serializers: [SwappedSerializer()])
            try await service.register(NotingProcessor(name: "service", journal: world.journal()), queue: "orders")
            try await service.start()
            let answer = try await world.client().query("orders/show", ["n": 1])
            try await expectError(.serialization, from: "reading the answer") { try answer.values() }
        },
        ConformanceCase("an error can always be read", "remote, whatever the processor's serializer.") { world in
            let service = try await world.bus(serializers: [SwappedSerializer()])
            try await service.requests("orders") { orders in
                orders.query("show") { _, _ in throw ProcessingError(code: "closed", message: "come back later") }
            }
            try await service.start()
            let client = try await world.client()
            let error = try await expectError(.remote, from: "the query") { try await client.query("orders/show") }
            try expectEqual(error.remoteCode, "closed", "the code")
        },
        ConformanceCase(
            "a message comes as it was sent", "What is delivered is what was sent, with its attempt."
        ) { world in
            let (sent, seen) = (
                Journal<OutgoingMessage>(limit: world.patience), Journal<IncomingMessage>(limit: world.patience)
            )
            let bus = try await world.bus(["mq_app_id": "shop"], middleware: [Watching(seen, sent)])
            let processor = NotingProcessor(
                name: "service", journal: world.journal(),
                action: { received in
                    if received.context.attempt == 1 { throw NACK() }
                })
            try await bus.register(processor, queue: "orders")
            try await bus.start()
            try await bus.command("orders/place", ["text": "grün"], headers: ["tenant": "blue"])
            let outgoing = try await sent.wait(for: 1)[0]
            let incoming = try await seen.wait(for: 2)
            try expectEqual(incoming.map(\.attempt), [1, 2], "the attempts")
            for message in incoming {
                try expectEqual(message.kind, outgoing.kind, "the kind")
                try expectEqual(message.id, outgoing.id, "the id")
                try expectEqual(message.method, outgoing.method, "the method")
                try expectEqual(message.headers, outgoing.headers, "the headers")
                try expectEqual(message.body, outgoing.body, "the body")
                try expectEqual(message.contentType, outgoing.contentType, "the content type")
                try expectEqual(message.appID, "shop", "the sender")
            }
        },
        ConformanceCase("middleware can add headers", "A step may change the message.") { world in
            struct Tagging: MessagingMiddleware {
                func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
                    var message = message
                    message.headers["tag"] = "x"
                    return try await next(message)
                }
            }
            let journal = world.journal()
            _ = try await world.service(noting: journal)
            let client = try await world.bus(middleware: [Tagging()])
            try await client.start()
            try await client.command("orders/place")
            try expectEqual(try await journal.wait(for: 1)[0].context.headers["tag"], "x", "the header that was added")
        },
    ]
}

/// JSON with its braces swapped: not JSON, and easy to see.
private struct SwappedSerializer: MessageSerializer {
    let contentType = "application/x-swapped-json"
    private let json = JSONMessageSerializer()

    func encode(_ value: some Encodable) throws(MessagingError) -> [UInt8] { swapped(try json.encode(value)) }

    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(MessagingError) -> Value {
        try json.decode(type, from: swapped(bytes))
    }

    private func swapped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { byte in
            switch byte {
            case UInt8(ascii: "{"): UInt8(ascii: "}")
            case UInt8(ascii: "}"): UInt8(ascii: "{")
            default: byte
            }
        }
    }
}

/// Notes messages as they pass.
private struct Watching: MessagingMiddleware {
    let incoming: Journal<IncomingMessage>
    let outgoing: Journal<OutgoingMessage>?

    init(_ incoming: Journal<IncomingMessage>, _ outgoing: Journal<OutgoingMessage>? = nil) {
        self.incoming = incoming
        self.outgoing = outgoing
    }

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        outgoing?.note(message)
        return try await next(message)
    }

    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
        incoming.note(message)
        return try await next(message, context)
    }
}
