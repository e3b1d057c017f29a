import MimiMessaging
import MimiMessagingTesting
import Testing

/// Every fault of a link, on either side, while everything that a bus does is under way. All calls succeed, all messages
/// are handled, and it takes no longer than the fault's bound.
@Suite("Links that fail", .timeLimit(.minutes(30)))
struct LinkFaultTests {
    enum Side: String, CaseIterable {
        case client
        case service
        case both
    }

    enum Activity: String, CaseIterable {
        case command
        case event
        case query
        case retry
        case deadLetter
        case burst
    }

    struct Case: CustomTestStringConvertible {
        let fault: LinkFault
        let side: Side
        let activity: Activity

        var testDescription: String { "\(fault.rawValue), \(side.rawValue), \(activity.rawValue)" }
    }

    static let cases = LinkFault.allCases.flatMap { fault in
        Side.allCases.flatMap { side in
            Activity.allCases.map { Case(fault: fault, side: side, activity: $0) }
        }
    }.filter { each in
        // Silence takes seconds to be noticed: some of all combinations must do.
        !each.fault.isSilent || (each.side != .both && [.command, .query, .retry].contains(each.activity))
    }

    @Test(arguments: cases) func nothingIsLostAndAllGoesOn(_ each: Case) async throws {
        try await Turnstile.faults.pass {
            var options: [String: OptionValue] = [:]
            if each.activity == .burst { options["mq_rabbitmq_queue_type"] = "quorum" }
            if each.fault.isSilent { options["mq_rabbitmq_heartbeat"] = 1 }
            try await withFaultWorld("link", options) { world in
                let taken = try await timed {
                    async let strikes: Void = strike(each, world)
                    async let activity: Void = run(each.activity, world)
                    _ = try await (strikes, activity)
                }
                #expect(await taken < Pace.stretch(each.fault.bound))
                for bus in [world.client, world.service] { bus.proxy.heal() }
                try await world.works(900)
                try await world.publishUntilHeard(in: world.overheard)
            }
        }
    }

    private func strike(_ each: Case, _ world: FaultWorld) async throws {
        if each.activity == .burst { try await world.handled.wait(for: 10) }
        switch each.side {
        case .client: try await each.fault.strike(world.client.proxy)
        case .service: try await each.fault.strike(world.service.proxy)
        case .both:
            async let client: Void = each.fault.strike(world.client.proxy)
            async let service: Void = each.fault.strike(world.service.proxy)
            _ = try await (client, service)
        }
    }

    private func run(_ activity: Activity, _ world: FaultWorld) async throws {
        switch activity {
        case .command:
            try await world.command("take", 1)
            try await world.wait(for: 1, in: world.handled)
        case .event:
            try await world.event(1)
            try await world.wait(for: 1, in: world.heard)
        case .query:
            #expect(try await world.ask(1) == 1)
        case .retry:
            try await world.command("fail", 1)
            try await world.wait(for: 1, in: world.handled)
        case .deadLetter:
            try await world.command("refuse", 1)
            #expect(try await TestBroker.deadLetters(of: world.queue, count: 1) >= 1)
        case .burst:
            try await withThrowingTaskGroup { group in
                for number in 0..<50 { group.addTask { try await world.command("take", number) } }
                try await group.waitForAll()
            }
            try await world.handled.wait { Set($0).count >= 50 }
        }
    }
}
