import MimiMessaging
import MimiMessagingTesting
import Testing

/// No call outlives its deadline by half a second, whatever the link does.
@Suite("Deadlines", .timeLimit(.minutes(30)))
struct DeadlineTests {
    enum Trouble: String, CaseIterable {
        case blackHole
        case nothingComesBack
        case oneKilobyteASecond
        case refused
        case silentNewConnections
    }

    @Test(arguments: Trouble.allCases) func noCallOutlivesItsDeadline(_ trouble: Trouble) async throws {
        try await withFaultWorldInTurn("deadline", ["mq_rabbitmq_heartbeat": 1]) { world in
            let proxy = world.client.proxy
            switch trouble {
            case .blackHole: proxy.hold()
            case .nothingComesBack: proxy.set(.toClient) { $0.isHeld = true }
            case .oneKilobyteASecond: proxy.set(.toBroker, .toClient) { $0.bytesPerSecond = 1000 }
            case .refused:
                proxy.refuse(true)
                proxy.cut()
            case .silentNewConnections:
                proxy.hold()
                proxy.cut()
            }
            #expect(await DeadlineCalls(on: world.client.bus, queue: world.queue).run() == [])
            proxy.heal()
            try await world.works(1)
            try await TestBroker.remove(topic: world.queue + ".new")
        }
    }

    /// The default interval of 10 s would take too long here; the bound is two intervals and a second.
    @Test(arguments: [1, 5]) func aSilentPeerIsNoticed(heartbeat: Int) async throws {
        try await withFaultWorldInTurn("silence", ["mq_rabbitmq_heartbeat": .integer(heartbeat)]) { world in
            let start = ContinuousClock.now
            world.client.proxy.hold()
            try await world.client.log.wait(for: "is lost")
            let taken = start.duration(to: .now)
            #expect(await taken < Pace.stretch(.seconds(2 * heartbeat + 1)))
            world.client.proxy.heal()
            try await world.works(1)
        }
    }

    /// It is cancelled when the proxy has bytes of it. A heartbeat would be bytes, too.
    @Test(arguments: ["command", "query", "event", "topic"])
    func aCancelledCallEndsAtOnce(_ method: String) async throws {
        try await withFaultWorldInTurn("cancel", ["mq_rabbitmq_heartbeat": 600]) { world in
            let bus = world.client.bus
            // With its channels open, it waits for what is its own: a confirm, a reply, a topic.
            try await world.works(1)
            world.client.proxy.hold()
            let call = Task {
                switch method {
                case "command": try await world.command("take", 2)
                case "query": _ = try await world.ask(2)
                case "event": try await world.event(2)
                default: try await bus.event(EventTarget("\(world.queue).new#unheard"))
                }
            }
            try await world.client.proxy.held.wait { $0.contains(.toBroker) }
            call.cancel()
            let taken = await timed { await #expect(throws: CancellationError.self) { try await call.value } }
            #expect(await taken < Pace.stretch(.milliseconds(500)))
            world.client.proxy.heal()
            try await world.works(3)
            try await TestBroker.remove(topic: world.queue + ".new")
        }
    }
}
