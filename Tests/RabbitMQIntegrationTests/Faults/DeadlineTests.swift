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

    @Test func aCancelledCallEndsAtOnce() async throws {
        try await withFaultWorldInTurn("cancel") { world in
            world.client.proxy.hold()
            for method in ["command", "query", "event", "topic"] {
                let bus = world.client.bus
                let call = Task {
                    switch method {
                    case "command": try await world.command("take", 1)
                    case "query": _ = try await world.ask(1)
                    case "event": try await world.event(1)
                    default: try await bus.event(EventTarget("\(world.queue).new#unheard"))
                    }
                }
                call.cancel()
                let taken = await timed { await #expect(throws: CancellationError.self) { try await call.value } }
                #expect(await taken < Pace.stretch(.milliseconds(500)))
            }
        }
    }
}
