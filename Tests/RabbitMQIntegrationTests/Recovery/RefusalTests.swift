import MimiMessaging
import MimiMessagingTesting
import Testing

/// What the broker refuses, of one message, of one handler, of a user.
extension HarmedBrokerTests {
    @Test("that forbids a topic: who publishes there fails, the neighbours do not notice") func forbiddenTopic()
        async throws
    {
        let broker = try await Self.broker.value
        try await broker.add(user: "restricted")
        try await withFaultWorld("forbid", url: broker.url) { world in
            let bus = try FaultyBus(url: broker.url(for: "restricted"))
            try await bus.bus.start()
            let (forbidden, allowed) = try (EventTarget("\(world.queue).forbidden#x"), world.target("take"))
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask { try await bus.bus.command(allowed, ["n": .integer(number)]) }
                    guard number % 50 == 0 else { continue }
                    group.addTask {
                        let error = await #expect(throws: MessagingError.self) { try await bus.bus.event(forbidden) }
                        #expect(error?.code == .accessRefused && error?.isRetryable == false)
                    }
                }
                try await group.waitForAll()
            }
            try await world.handled.wait { Set($0).count >= 200 }
            // Nothing but channels was lost.
            #expect(bus.proxy.connections.entries.count == 1)
            await bus.end()
            try await TestBroker.remove(topic: world.queue + ".forbidden", url: broker.url)
        }
    }

    @Test("that takes small messages only: large ones fail alone") func sizeLimit() async throws {
        let broker = try await Self.broker.value
        try await broker.set("max_message_size", "100000")
        try await withFaultWorld("size", url: broker.url) { world in
            let (bus, take, ask) = try (world.client.bus, world.target("take"), world.target("ask"))
            let body: Message = ["n": 1, "text": .string(String(repeating: "x", count: 200_000))]
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask { try await bus.command(take, ["n": .integer(number)]) }
                    group.addTask {
                        let answer = try await bus.query(ask, ["n": .integer(number)])
                        #expect(answer["n"]?.integer == number)
                    }
                    guard number % 50 == 0 else { continue }
                    group.addTask {
                        let error = await #expect(throws: MessagingError.self) { try await bus.command(take, body) }
                        #expect(error?.code == .messageTooLarge)
                    }
                    group.addTask {
                        let error = await #expect(throws: MessagingError.self) { _ = try await bus.query(ask, body) }
                        #expect(error?.code == .messageTooLarge)
                    }
                }
                try await group.waitForAll()
            }
            // An answer that is too large becomes an error, at once.
            try await world.service.bus.requests(world.queue + ".large") { handlers in
                handlers.query("ask") { _, _ in body }
            }
            let taken = await timed {
                let error = await #expect(throws: MessagingError.self) {
                    _ = try await bus.query(RequestTarget("\(world.queue).large/ask"))
                }
                #expect(error?.code == .remote && error?.remoteCode == "message_too_large")
            }
            #expect(await taken < Pace.stretch(.seconds(5)))
            #expect(world.client.proxy.connections.entries.count == 1)
            try await TestBroker.remove(queue: world.queue + ".large", retryDelays: [20], url: broker.url)
        }
        try await broker.set("max_message_size", "134217728")
    }

    @Test("that does not wait for an acknowledgement any longer") func acknowledgementTimeout() async throws {
        let broker = try await Self.broker.value
        try await broker.set("consumer_timeout", "500")
        try await broker.set("channel_tick_interval", "200")
        try await withFaultWorld("patience", url: broker.url) { world in
            try await world.command("wait", 1)
            try await world.service.log.wait(for: "longer than the broker waits for an acknowledgement")
            // It is handled once more, over a new channel; the other queues have not noticed.
            #expect(try await world.waiting.wait(for: 2) == [1, 1])
            #expect(world.service.log.lines(with: "the consumer of the queue '\(world.queue)' is lost").isEmpty)
            #expect(world.service.proxy.connections.entries.count == 2)
            try await world.works(2)
            // What the first handler decides in the end means nothing, and harms nobody.
            world.gate.open()
            try await world.command("wait", 3)
            try await world.wait(for: 3, in: world.waiting)
        }
        try await broker.set("consumer_timeout", "1800000")
        try await broker.set("channel_tick_interval", "60000")
    }

    @Test("that has no connection left for us: it is tried again until there is one") func connectionLimit()
        async throws
    {
        let broker = try await Self.broker.value
        try await broker.evaluate("rabbit_vhost_limit:set(<<\"/\">>, [{<<\"max-connections\">>, 0}], <<\"test\">>)")
        let bus = try FaultyBus(url: broker.url)
        let start = Task { try await bus.bus.start() }
        try await bus.proxy.connections.wait(for: 3)
        try await broker.evaluate("rabbit_vhost_limit:clear(<<\"/\">>, <<\"test\">>)")
        try await start.value
        #expect(bus.bus.obstacles.isEmpty)
        await bus.end()
    }

    @Test("that takes the password no more: said once, and not hammered") func changedPassword() async throws {
        let broker = try await Self.broker.value
        try await broker.add(user: "forgotten")
        let bus = try FaultyBus(url: broker.url(for: "forgotten"))
        try await bus.bus.start()
        try await broker.evaluate(
            "rabbit_auth_backend_internal:change_password(<<\"forgotten\">>, <<\"other\">>, <<\"test\">>)")
        bus.proxy.cut()
        try await bus.log.wait(for: "is refused")
        let taken = await timed {
            let error = await #expect(throws: MessagingError.self) { try await bus.bus.command("nobody/do") }
            #expect(error?.code == .authentication)
        }
        #expect(await taken < Pace.stretch(.seconds(1)))
        #expect(bus.bus.obstacles.contains { $0.kind == .refused })
        // One attempt after the loss, and the next one in half a minute or so.
        #expect(bus.proxy.connections.entries.count == 2)
        #expect(bus.log.lines(with: "secret").isEmpty)
        await bus.end()
    }

    @Test("that deletes the queue of replies: queries go on") func deletedReplyQueue() async throws {
        let broker = try await Self.broker.value
        try await withFaultWorld("replies", ["mq_rabbitmq_direct_reply_to": false], url: broker.url) { world in
            let pending = Task { try await world.client.bus.query(world.target("ponder"), ["n": 1]) }
            try await world.waiting.wait(for: 1)
            try await broker.evaluate(
                """
                [rabbit_amqqueue:delete(Q, false, false, <<"test">>) || Q <- rabbit_amqqueue:list(), \
                binary:match(element(4, amqqueue:get_name(Q)), <<"mimi.reply.">>) =/= nomatch]
                """)
            // It is asked again, over the next channel.
            try await world.waiting.wait(for: 2)
            world.gate.open()
            #expect(try await pending.value["n"]?.integer == 1)
            let taken = try await timed { _ = try await world.ask(2) }
            #expect(await taken < Pace.stretch(.seconds(5)))
        }
    }

    @Test("that takes no more dead letters: the message stays, and is no hot loop") func fullDeadLetterQueue()
        async throws
    {
        let broker = try await Self.broker.value
        try await withFaultWorld("full", url: broker.url) { world in
            let policy = "<<\"/\">>, <<\"full\">>"
            try await broker.evaluate(
                """
                rabbit_policy:set(\(policy), <<"^\(world.queue).dead">>, \
                [{<<"max-length">>, 0}, {<<"overflow">>, <<"reject-publish">>}], 0, <<"queues">>, <<"test">>)
                """)
            try await world.command("refuse", 1)
            let taken = try await timed { try await world.service.log.wait(for: "goes back to its queue", count: 3) }
            #expect(taken > .seconds(2))
            try await broker.evaluate("rabbit_policy:delete(\(policy), <<\"test\">>)")
            #expect(try await TestBroker.deadLetters(of: world.queue, count: 1, url: broker.url) == 1)
        }
    }
}
