import Foundation
import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

extension HarmedBrokerTests {
    @Test("that freezes: every call ends by its deadline; thawed, all goes on") func freeze() async throws {
        let broker = try await Self.broker.value
        try await withFaultWorld("freeze", ["mq_rabbitmq_heartbeat": 1], url: broker.url) { world in
            for round in 1...2 {
                try await world.works(10 * round)
                let silent = "nothing came from the broker"
                let noticed = world.client.log.lines(with: silent).count
                try await broker.control("pause")
                do {
                    let late = await DeadlineCalls(on: world.client.bus, queue: world.queue).run()
                    #expect(late == [])
                    // Silence is noticed, too: after two intervals of one second.
                    try await world.client.log.wait(for: silent, count: noticed + 1)
                } catch {
                    try await broker.control("resume")
                    throw error
                }
                try await broker.control("resume")
                let taken = try await timed { try await world.works(10 * round + 1) }
                #expect(await taken < Pace.stretch(.seconds(5)))
                // What was sent before the freeze may come twice now, and nothing else.
                #expect(
                    Set(world.handled.entries.filter { $0 < 1000 })
                        == Set((1...round).flatMap { [10 * $0, 10 * $0 + 1] }))
            }
        }
    }

    @Test("that runs out of memory: senders wait, processing goes on") func alarm() async throws {
        let broker = try await Self.broker.value
        try await withFaultWorld("alarm", ["mq_shutdown_timeout": "500ms"], url: broker.url) { world in
            for number in 1...300 { try await world.client.bus.command(world.target("take"), ["n": .integer(number)]) }
            try await world.event(1)
            try await broker.control("alarm", "on")
            do {
                try await underAlarm(world, broker)
            } catch {
                try await broker.control("alarm", "off")
                throw error
            }
            #expect(world.client.bus.obstacles.isEmpty)
            try await world.works(1000)
        }
    }

    /// Compares two rates, which needs a machine that does nothing else: with `MIMI_MEASURE=1` (`make deadlines`).
    @Test(
        "that runs out of memory for a minute: processing keeps its rate, senders go on at once",
        .enabled(if: ProcessInfo.processInfo.environment["MIMI_MEASURE"] == "1"))
    func minuteUnderAlarm() async throws {
        let broker = try await Self.broker.value
        var rates: [Double] = []
        for (hasAlarm, seconds) in [(false, 30), (true, 60)] {
            try await withFaultWorld("rate", ["mq_publish_timeout": 120], url: broker.url) { world in
                await world.service.bus.stop(adapter: false)
                // More than can be handled in that time.
                let target = try world.target("take")
                for _ in 0..<15 * seconds {
                    try await world.client.bus.commands(target, Array(repeating: ["n": 1], count: 1000))
                }
                if hasAlarm { try await broker.control("alarm", "on") }
                try await world.service.bus.start()
                let sender = Task { try await world.command("take", 2) }
                try await Task.sleep(for: .seconds(seconds))
                rates.append(Double(world.handled.entries.count) / Double(seconds))
                #expect(world.client.bus.obstacles.map(\.kind) == (hasAlarm ? [.blocked] : []))
                if hasAlarm { try await broker.control("alarm", "off") }
                let resumed = try await timed { try await sender.value }
                #expect(resumed < .seconds(1))
                print("alarm \(hasAlarm): \(rates.last!) messages a second; senders went on \(resumed) after it")
                try await withChannelStatus(of: world.queue, url: broker.url) { #expect($0.messageCount > 0) }
            }
        }
        #expect(rates[1] > 0.95 * rates[0])
    }

    private func underAlarm(_ world: FaultWorld, _ broker: ControlledBroker) async throws {
        // The broker tells a connection of its alarm when it publishes.
        await #expect(throws: MessagingError.self) { try await world.command("take", 500, timeout: .milliseconds(300)) }
        try await world.client.log.wait(for: "takes no messages")
        #expect(world.client.bus.obstacles.map(\.kind) == [.blocked])
        #expect(await DeadlineCalls(on: world.client.bus, queue: world.queue).run() == [])

        // Consumers and their acknowledgements use another connection.
        try await world.handled.wait { Set(1...300).isSubset(of: $0) }
        try await withChannelStatus(of: world.queue, url: broker.url) { #expect($0.messageCount == 0) }

        // A bus that is blocked stops in its time.
        let other = try FaultyBus(["mq_shutdown_timeout": "500ms"], url: broker.url)
        try await other.bus.start()
        let waiting = Task { try await other.bus.command(world.target("take"), ["n": 501]) }
        try await other.log.wait(for: "takes no messages")
        let stopped = await timed { await other.end() }
        #expect(await stopped < Pace.stretch(.milliseconds(500) + .seconds(1)))
        let error = await #expect(throws: MessagingError.self) { try await waiting.value }
        // It was being sent: nobody knows whether the broker has read it.
        #expect(error.map { [.notStarted, .connection].contains($0.code) } == true)

        // Who waits goes on when it is over.
        let patient = Task { try await world.command("take", 502) }
        try await broker.control("alarm", "off")
        let resumed = try await timed { try await patient.value }
        #expect(await resumed < Pace.stretch(.seconds(1)))
        try await world.client.log.wait(for: "takes messages again")
    }
}

/// Looks at a queue, past the adapter.
func withChannelStatus(
    of queue: String, url: String = TestBroker.url, _ look: (AMQPQueueStatus) throws -> Void
) async throws {
    try await TestBroker.withChannel(url: url) { try await look($0.declareQueue(queue, passive: true)) }
}
