import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct HealthTests {
    private static let blocked = BusObstacle(.blocked, subject: "the publishing connection", reason: "low on memory")
    private static let deaf = BusObstacle(.disconnected, subject: "the consumer of 'orders'", reason: "forgotten")
    private static let unreachable = BusObstacle(
        .disconnected, subject: "the publishing connection", reason: "refused", stopsSending: true)

    private let time = TestClock()
    private let adapter = ScriptedAdapter()

    private func bus() throws -> MessageBus { try MessageBus(adapter: adapter, clock: MessagingClock(time)) }

    @Test func aBusIsDownUntilItIsStartedAndFromItsStopOn() async throws {
        let bus = try bus()
        #expect(bus.health.name == "down")
        #expect(bus.health.obstacles.map(\.kind) == [.stopped])
        try await bus.start()
        #expect(bus.health == .ready)
        await bus.stop()
        #expect(bus.health.description == "down: the bus is stopped: it is not started")
        try await bus.start()
        #expect(bus.health == .ready)
        await bus.stop()
    }

    @Test func itIsDownWhileRunningHandlersFinish() async throws {
        let world = TestWorld()
        let (entered, gate) = (Journal<String>(), Gate())
        let bus = try world.bus()
        try await bus.requests("orders") { orders in
            orders.command("do") { _, _ in
                entered.note("in")
                try await gate.wait()
            }
        }
        try await bus.start()
        try await bus.command("orders/do")
        try await entered.wait(for: 1)
        var changes = bus.healthChanges.makeAsyncIterator()
        #expect(await changes.next() == .ready)
        let stop = Task { await bus.stop() }
        #expect(await changes.next()?.obstacles.first?.reason == "it is stopping")
        gate.open()
        await stop.value
        await bus.unregisterAllProcessors()
    }

    @Test func obstaclesDegradeOrStop() async throws {
        let bus = try bus()
        try await bus.start()
        adapter.meet(Self.blocked)
        #expect(bus.health == .degraded([Self.blocked]))
        adapter.meet(Self.deaf, Self.unreachable)
        #expect(bus.health == .down([Self.deaf, Self.unreachable]))
        adapter.meet()
        #expect(bus.health == .ready)
        await bus.stop()
    }

    @Test func listenersHearEachChangeOnce() async throws {
        let bus = try bus()
        try await bus.start()
        var changes = bus.healthChanges.makeAsyncIterator()
        #expect(await changes.next() == .ready)
        adapter.meet(Self.blocked)
        #expect(await changes.next() == .degraded([Self.blocked]))
        // Nothing new: whoever waits goes on waiting.
        adapter.meet(Self.blocked)
        adapter.meet(Self.unreachable)
        #expect(await changes.next() == .down([Self.unreachable]))
        // Who comes later hears how it is.
        var later = bus.healthChanges.makeAsyncIterator()
        #expect(await later.next() == .down([Self.unreachable]))
        adapter.meet()
        #expect(await changes.next() == .ready)
        #expect(await later.next() == .ready)
        await bus.stop()
    }

    @Test func aSlowListenerHearsTheLast() async throws {
        let bus = try bus()
        try await bus.start()
        var changes = bus.healthChanges.makeAsyncIterator()
        adapter.meet(Self.blocked)
        adapter.meet(Self.unreachable)
        adapter.meet(Self.deaf)
        #expect(await changes.next() == .degraded([Self.deaf]))
        await bus.stop()
    }

    @Test func aListenerThatLeavesIsForgotten() async throws {
        let bus = try bus()
        let changes = bus.healthChanges
        let heard = Journal<BusHealth>()
        let listener = Task { for await health in changes { heard.note(health) } }
        try await heard.wait(for: 1)
        #expect(bus.monitor.listenerCount == 1)
        listener.cancel()
        await listener.value
        #expect(bus.monitor.listenerCount == 0)
    }

    private func body(of answer: HealthProbe.Answer) throws -> [String: MessageValue] {
        try JSONMessageSerializer().decode([String: MessageValue].self, from: Array(answer.body.utf8))
    }

    @Test func readinessFollowsHealth() async throws {
        let bus = try bus()
        let probe = bus.probe()
        #expect(probe.ready().status == 503)
        try await bus.start()
        #expect(probe.ready().status == 200)
        #expect(try body(of: probe.ready()) == ["obstacles": [], "status": "ready"])
        adapter.meet(Self.blocked)
        time.advance(by: .seconds(12))
        let answer = probe.ready()
        #expect(answer.status == 200)
        #expect(answer.contentType == "application/json")
        let body = try body(of: answer)
        #expect(body["status"] == "degraded")
        #expect(
            body["obstacles"] == [
                ["kind": "blocked", "subject": "the publishing connection", "reason": "low on memory", "seconds": 12]
            ])
        adapter.meet(Self.unreachable)
        #expect(probe.ready().status == 503)
        await bus.stop()
        #expect(probe.ready().status == 503)
    }

    @Test func aDeafProcessIsNotAliveAfterAWhile() async throws {
        let bus = try bus()
        let probe = bus.probe(deafAfter: .seconds(30))
        #expect(probe.live().status == 200)
        try await bus.start()
        adapter.meet(Self.deaf)
        time.advance(by: .seconds(29))
        #expect(probe.live().isHealthy)
        time.advance(by: .seconds(1))
        #expect(!probe.live().isHealthy)
        #expect(probe.ready().isHealthy)
        // It hears again, and is deaf again: the time starts anew.
        adapter.meet()
        adapter.meet(Self.deaf)
        #expect(probe.live().isHealthy)
        await bus.stop()
    }

    @Test(arguments: [blocked, unreachable, BusObstacle(.refused, subject: "the consumer of 'orders'", reason: "403")])
    func whatARestartDoesNotMendIsNoReasonForOne(obstacle: BusObstacle) async throws {
        let bus = try bus()
        let probe = bus.probe(deafAfter: .seconds(30))
        try await bus.start()
        adapter.meet(obstacle)
        time.advance(by: .seconds(3_600))
        #expect(probe.live().isHealthy)
        await bus.stop()
    }
}
