import MimiMessagingTesting
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

@testable import MimiMessaging

/// A bus as a service.
@Suite(.timeLimit(.minutes(1))) struct ServiceTests {
    private struct Silent: RequestProcessor {}

    private let adapter = ScriptedAdapter()

    private func bus() throws -> MessageBus {
        try MessageBus(adapter: adapter, clock: MessagingClock(TestClock()), logger: LogRecorder().logger)
    }

    @Test func aServiceEndsWithTheGracefulShutdown() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        try await testGracefulShutdown { trigger in
            let service = Task { try await bus.run() }
            trigger.triggerGracefulShutdown()
            try await service.value
        }
        #expect(adapter.calls == ["start", "subscribe orders", "cancel orders", "stop"])
    }

    @Test func aGracefulShutdownEndsAStartThatHangs() async throws {
        adapter.script.withLock { $0.startHangs = true }
        let bus = try bus()
        try await testGracefulShutdown { trigger in
            let service = Task { try await bus.run() }
            try await adapter.journal.wait(for: 1)
            trigger.triggerGracefulShutdown()
            try await service.value
        }
        #expect(adapter.calls == ["start"])
    }

    @Test func aServiceRunsInAGroup() async throws {
        let bus = try bus()
        try await bus.register(Silent(), queue: "orders")
        struct Stopper: Service {
            let bus: MessageBus
            let calls: Journal<String>
            func run() async throws {
                try await calls.wait(for: 2)
                try await bus.command("orders/do")
            }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: bus),
                    .init(
                        service: Stopper(bus: bus, calls: adapter.journal),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: LogRecorder().logger))
        try await group.run()
        #expect(adapter.calls == ["start", "subscribe orders", "command orders", "cancel orders", "stop"])
    }

    @Test func aCancelledServiceStops() async throws {
        let bus = try bus()
        let service = Task { try await bus.run() }
        try await adapter.journal.wait(for: 1)
        service.cancel()
        try await service.value
        #expect(adapter.calls == ["start", "stop"])
        try await expectError(.notStarted) { try await bus.command("orders/do") }
    }

    @Test func aCancellationCutsTheGracefulShutdownShort() async throws {
        let world = TestWorld()
        let began = Journal<Bool>()
        let bus = try world.bus()
        try await bus.requests("orders") { orders in
            orders.command("do") { _, _ in
                began.note(true)
                try await Gate().wait()
            }
        }
        try await testGracefulShutdown { trigger in
            let service = Task { try await bus.run() }
            while (try? await bus.command("orders/do")) == nil { await Task.yield() }
            try await began.wait(for: 1)
            trigger.triggerGracefulShutdown()
            await world.testClock.waitForSleepers(1)
            service.cancel()
            try await service.value
        }
        #expect(world.broker.depth(of: "orders") == MemoryBroker.Depth(ready: 1))
    }

    @Test func aServiceThatCannotStartSaysWhy() async throws {
        let bus = try bus()
        adapter.script.withLock { $0.startError = MessagingError(.connection, "no broker") }
        try await expectError(.connection) { try await bus.run() }
        #expect(adapter.calls == ["start"])
    }
}
