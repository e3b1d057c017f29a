import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Cancellation and handlers while a bus starts and stops.
@Suite(.timeLimit(.minutes(1))) struct StoppingTests {
    private struct Silent: RequestProcessor {}

    private let world = TestWorld()

    @Test func aCancelledStartStartsNothing() async throws {
        let bus = try world.bus()
        try await bus.register(Silent(), queue: "orders")
        await #expect(throws: CancellationError.self) { try await cancelledTask { try await bus.start() }.value }
        try await expectError(.notStarted) { try await bus.command("orders/do") }
        #expect(world.broker.depth(of: "orders") == nil)
        try await bus.start()
        await #expect(throws: CancellationError.self) {
            try await cancelledTask { try await bus.register(Silent(), queue: "stock") }.value
        }
        #expect(world.broker.depth(of: "stock") == nil)
        await bus.stop()
    }

    @Test func aHandlerThatStopsItsBusIsCancelledInTheEnd() async throws {
        let began = Journal<Bool>()
        let bus = try world.bus(["mq_shutdown_timeout": 5])
        try await bus.requests("orders") { orders in
            orders.command("do") { _, _ in
                began.note(true)
                await bus.stop()
            }
        }
        try await bus.start()
        try await bus.command("orders/do")
        try await began.wait(for: 1)
        await world.testClock.waitForSleepers(1)
        world.testClock.advance(by: .seconds(5))
        await bus.end()
        #expect(world.broker.depth(of: "orders") == MemoryBroker.Depth(ready: 1))
    }

    @Test func stoppingAgainCutsAStopShort() async throws {
        let began = Journal<Bool>()
        let service = try await world.service { message, _ in
            began.note(true)
            try await Gate().wait()
            return message
        }
        try await service.command("orders/do")
        try await began.wait(for: 1)
        let stop = Task { await service.stop() }
        await world.testClock.waitForSleepers(1)
        // The clock stands still: nothing but the second request can end the first.
        await service.stop()
        await stop.value
        #expect(world.broker.depth(of: "orders") == MemoryBroker.Depth(ready: 1))
    }

    @Test func stoppingAgainCutsTheWaitForAnAnswerShort() async throws {
        let asked = Journal<Bool>()
        let gate = Gate()
        let service = try await world.service { message, _ in
            asked.note(true)
            try await gate.wait()
            return message
        }
        let client = try await world.client()
        let query = Task { try await client.query("orders/do") }
        try await asked.wait(for: 1)
        let stop = Task { await client.stop() }
        while try await canSend(client) { await Task.yield() }
        // The clock stands still.
        await client.stop()
        await stop.value
        try await expectError(.connection) { try await query.value }
        gate.open()
        await service.stop()
    }

    private func canSend(_ bus: MessageBus) async throws -> Bool {
        do {
            try await bus.command("nowhere/do")
            return true
        } catch let error as MessagingError {
            return error.code != .notStarted
        }
    }

    @Test func stoppingIsNotCutShortByCancellation() async throws {
        let began = Journal<Bool>()
        let gate = Gate()
        let done = Journal<Bool>()
        let service = try await world.service { message, _ in
            began.note(true)
            try await gate.wait()
            done.note(true)
            return message
        }
        try await service.command("orders/do")
        try await began.wait(for: 1)
        let stop = cancelledTask { await service.stop() }
        await world.testClock.waitForSleepers(1)
        gate.open()
        try await stop.value
        #expect(done.entries == [true])
        #expect(world.broker.depth(of: "orders") == MemoryBroker.Depth())
    }
}
