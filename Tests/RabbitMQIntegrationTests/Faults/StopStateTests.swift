import MimiMessaging
import MimiMessagingTesting
import Testing

/// A stop ends within its time, whatever the bus is at, and nothing comes back to life.
@Suite("A stop in any state", .timeLimit(.minutes(30)))
struct StopStateTests {
    enum BusState: String, CaseIterable {
        case idle, handling, handlingForEver, sending, asking
        case connecting, inTheMiddleOfTheHandshake, declaring, subscribing
        case recovering, inABlackHole, inABlackHoleWhileHandling, atTheSecondRequest
    }

    private static let graceful = Duration.milliseconds(500)
    @Test(arguments: BusState.allCases) func endsInTime(_ state: BusState) async throws {
        try await Turnstile.faults.pass {
            let queue = TestBroker.uniqueName("stop")
            let grace = state == .atTheSecondRequest ? Duration.seconds(60) : Self.graceful
            let bus = try FaultyBus([
                "mq_rabbitmq_queue_type": "classic",
                "mq_shutdown_timeout": .string("\(grace.components.seconds * 1000 + 500)ms"),
            ])
            let gate = Gate()
            let handled = Journal<Int>()
            let handlers: (inout RequestHandlers) -> Void = { handlers in
                handlers.command("take") { message, _ in handled.note(try message["n"]) }
                handlers.command("wait") { message, _ in
                    handled.note(try message["n"])
                    try await gate.wait()
                }
                handlers.command("hang") { message, _ in
                    handled.note(try message["n"])
                    await gate.waitIgnoringCancellation()
                }
                handlers.query("ponder") { message, _ in
                    handled.note(try message["n"])
                    try await gate.wait()
                    return message
                }
            }
            let busy = try await bring(bus, to: state, queue: queue, handled, handlers)
            let taken = await timed {
                if state == .atTheSecondRequest {
                    async let first: Void = bus.bus.stop()
                    // The first one is under way when nothing can be sent to a consumer any more.
                    await bus.bus.stop()
                    await first
                } else {
                    await bus.bus.stop()
                }
            }
            #expect(await taken < Pace.stretch(Self.graceful + .seconds(1)))
            for task in busy { _ = await task.result }
            let connections = bus.proxy.connections.entries.count
            bus.proxy.heal()
            gate.open()
            // What was not done is there, and a bus that starts anew does it; the stopped one does nothing.
            let other = try TestBroker.bus(["mq_rabbitmq_queue_type": "classic"])
            let again = Journal<Int>()
            try await other.requests(queue) { handlers in
                for method in ["take", "wait", "hang"] {
                    handlers.command(method) { message, _ in again.note(try message["n"]) }
                }
            }
            try await other.start()
            try await other.command(RequestTarget("\(queue)/take"), ["n": 9])
            let isLeft = [.handling, .handlingForEver, .inABlackHoleWhileHandling, .atTheSecondRequest].contains(state)
            let entries = try await again.wait(for: isLeft ? 2 : 1)
            #expect(Set(entries) == (isLeft ? [1, 9] : [9]))
            #expect(bus.proxy.connections.entries.count == connections)
            await other.stop()
            await bus.end()
            try await TestBroker.remove(queue: queue, retryDelays: [20])
        }
    }

    /// Brings a bus into a state; gives what runs then, which has to end as well.
    private func bring(
        _ bus: FaultyBus, to state: BusState, queue: String, _ handled: Journal<Int>,
        _ handlers: (inout RequestHandlers) -> Void
    ) async throws -> [Task<Void, any Error>] {
        func run(_ operation: @escaping @Sendable () async throws -> Void) -> [Task<Void, any Error>] {
            [Task { try await operation() }]
        }
        let messageBus = bus.bus
        func command(_ method: String) async throws {
            try await messageBus.command(RequestTarget("\(queue)/\(method)"), ["n": 1])
            try await handled.wait(for: 1)
        }
        switch state {
        case .connecting:
            try await bus.bus.requests(queue, handlers: handlers)
            bus.proxy.refuse(true)
            let start = run { try await messageBus.start() }
            try await bus.proxy.connections.wait(for: 2)
            return start
        case .inTheMiddleOfTheHandshake:
            try await bus.bus.requests(queue, handlers: handlers)
            bus.proxy.hold()
            let start = run { try await messageBus.start() }
            try await bus.proxy.connections.wait(for: 1)
            return start
        case .declaring:
            try await bus.bus.requests(queue, handlers: handlers)
            bus.proxy.set(.toClient) { $0.swallowed = .queueDeclareOk }
            let start = run { try await messageBus.start() }
            try await bus.proxy.connections.wait(for: 2)
            return start
        case .subscribing:
            try await bus.bus.start()
            bus.proxy.refuse(true)
            let name = queue
            let registration = run {
                try await messageBus.requests(name) { $0.command("take") { _, _ in } }
            }
            try await bus.proxy.connections.wait(for: 2)
            return registration
        default: break
        }
        try await bus.bus.requests(queue, handlers: handlers)
        try await bus.bus.start()
        switch state {
        case .handling, .atTheSecondRequest: try await command("wait")
        case .handlingForEver: try await command("hang")
        case .sending:
            bus.proxy.set(.toClient) { $0.isHeld = true }
            return run { try await messageBus.command(RequestTarget("\(queue)/none")) }
        case .asking:
            let query = run { _ = try await messageBus.query(RequestTarget("\(queue)/ponder"), ["n": 1]) }
            try await handled.wait(for: 1)
            return query
        case .recovering:
            bus.proxy.refuse(true)
            bus.proxy.cut()
            try await bus.proxy.connections.wait(for: 4)
        case .inABlackHole: bus.proxy.hold()
        case .inABlackHoleWhileHandling:
            try await command("wait")
            bus.proxy.hold()
        default: break
        }
        return []
    }
}
