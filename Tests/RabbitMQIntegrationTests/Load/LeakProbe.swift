import Foundation
import Logging
import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

/// What is done very often, to see what stays behind.
enum LeakProbe {
    /// How often, in small and with `MIMI_LEAKS=all`.
    private static func count(_ small: Int, all: Int) -> Int {
        ProcessInfo.processInfo.environment["MIMI_LEAKS"] == "all" ? all : small
    }

    /// Runs one of these, and records what it throws: a process of a test that throws ends like one that crashes
    /// (SIGILL), and says nothing.
    static func run(_ probe: () async throws -> Void) async {
        keepNoBacktraces()
        do {
            try await probe()
        } catch {
            Issue.record(error)
        }
    }

    /// Swift Testing hooks into the runtime to keep a backtrace of each error that is thrown, 350 bytes until the test has
    /// ended. Among hundreds of thousands of errors a leak of ours would not be seen.
    private static func keepNoBacktraces() {
        for hook in ["_swift_willThrow", "_swift_willThrowTypedImpl"] {
            if let address = unsafe dlsym(nil, hook) { unsafe address.storeBytes(of: 0, as: UInt.self) }
        }
    }

    static func reconnects() async throws {
        // What is lost soon after it came is restored after a pause: several worlds at a time, so that they wait together.
        let (lanes, count) = (10, count(60, all: 1000))
        var worlds: [FaultWorld] = []
        for _ in 0..<lanes { worlds.append(try await FaultWorld("leak", logLevel: .critical)) }
        func reconnect(_ numbers: Range<Int>) async throws {
            try await withThrowingTaskGroup { group in
                for world in worlds {
                    group.addTask {
                        for number in numbers {
                            world.client.proxy.cut()
                            world.service.proxy.cut()
                            try await world.works(number)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await reconnect(0..<2)
        let meter = try ResourceMeter("\(count) reconnects of four connections")
        try await reconnect(2..<2 + count / lanes)
        try meter.check()
        for world in worlds { try await world.end() }
    }

    static func stops() async throws {
        let count = count(36, all: 500)
        let queue = TestBroker.uniqueName("leak")
        func round(_ number: Int) async throws {
            let bus = try FaultyBus(["mq_rabbitmq_queue_type": "classic", "mq_shutdown_timeout": "200ms"])
            try await stop(bus, in: number % 12, queue: queue)
            await bus.end()
        }
        for number in 0..<12 { try await round(number) }
        let meter = try ResourceMeter("\(count) stops in twelve states")
        for number in 0..<count { try await round(number) }
        try meter.check()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    static func messages() async throws {
        let count = count(10_000, all: 1_000_000)
        let queue = TestBroker.uniqueName("leak")
        let target = try RequestTarget("\(queue)/take")
        let handled = Lock(0)
        let bus = try TestBroker.bus(["mq_rabbitmq_queue_type": "classic", "mq_concurrency": 64])
        try await bus.requests(queue) { $0.command("take") { _, _ in handled.withLock { $0 += 1 } } }
        try await bus.start()
        func send(_ count: Int) async throws {
            try await withThrowingTaskGroup { group in
                for task in 0..<200 {
                    group.addTask {
                        for number in stride(from: task, to: count, by: 200) {
                            try await bus.command(target, ["n": .integer(number)])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let warmUp = count / 5
        try await send(warmUp)
        let meter = try ResourceMeter("\(count) messages")
        try await send(count)
        while handled.withLock({ $0 }) < warmUp + count { await Task.yield() }
        try meter.check()
        await bus.stop()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    static func timedOutQueries() async throws {
        let count = count(4000, all: 100_000)
        let queue = TestBroker.uniqueName("leak")
        // It is there, and nobody listens.
        try await TestBroker.withChannel { try await $0.declareQueue(queue) }
        let target = try RequestTarget("\(queue)/ask")
        let bus = try TestBroker.bus()
        try await bus.start()
        func ask(_ count: Int) async {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<count {
                    if number >= 500 { await group.next() }
                    group.addTask { _ = try? await bus.query(target, timeout: .milliseconds(50)) }
                }
            }
        }
        await ask(2000)
        let meter = try ResourceMeter("\(count) queries that nobody answers")
        await ask(count)
        try meter.check()
        await bus.stop()
        try await TestBroker.withChannel { try await $0.deleteQueue(queue) }
    }

    /// Stops a bus in one of twelve states.
    private static func stop(_ bus: FaultyBus, in state: Int, queue: String) async throws {
        let gate = Gate()
        let began = Journal<Void>()
        let messageBus = bus.bus
        try await messageBus.requests(queue) { handlers in
            handlers.command("wait") { _, _ in
                began.note(())
                if state == 2 { try await gate.wait() }
            }
        }
        var running: Task<Void, any Error>?
        let target = try RequestTarget("\(queue)/wait")
        switch state {
        case 0: break
        case 3...5:
            // Refused, silent, or ended in the middle, while it starts.
            if state == 3 { bus.proxy.refuse(true) }
            if state == 4 { bus.proxy.hold() }
            if state == 5 { bus.proxy.set(.toClient) { $0.bytesBeforeCut = 600 } }
            running = Task { try await messageBus.start() }
            try await bus.proxy.connections.wait(for: 1)
        case 6: running = Task { try await messageBus.start() }
        default:
            try await messageBus.start()
            if state == 2 {
                try await messageBus.command(target)
                try await began.wait(for: 1)
            }
            if state == 7 { bus.proxy.cut() }
            if state == 8 {
                bus.proxy.refuse(true)
                bus.proxy.cut()
            }
            if state == 9 { bus.proxy.hold() }
            if state == 10 {
                bus.proxy.hold()
                running = Task { try await messageBus.command(target) }
            }
            if state == 11 { running = Task { await messageBus.stop() } }
        }
        await messageBus.stop()
        _ = await running?.result
    }
}
