import Logging
import MimiMessaging
import MimiMessagingTesting

/// A service and a client, each with links of its own that can be broken, and what the service did.
final class FaultWorld: Sendable {
    let client: FaultyBus
    let service: FaultyBus
    let queue: String
    /// The numbers of the commands that were handled.
    let handled = Journal<Int>(limit: .seconds(30))
    /// The numbers of the events that were handled.
    let heard = Journal<Int>(limit: .seconds(30))
    /// The numbers that a listener without a queue heard.
    let overheard = Journal<Int>(limit: .seconds(30))
    /// The numbers of the commands and queries that wait at the gate, each time that one begins to.
    let waiting = Journal<Int>(limit: .seconds(30))
    /// Where the command `wait` and the query `ponder` of the slow queue wait, until the world ends at the latest.
    let gate = Gate()

    /// - Parameters:
    ///   - name: Part of the name of its queue.
    ///   - options: Of both buses.
    ///   - url: The broker's.
    ///   - logLevel: What is kept of their logs.
    init(
        _ name: String, _ options: [String: OptionValue] = [:], url: String = TestBroker.url,
        logLevel: Logger.Level = .debug
    ) async throws {
        let defaults: [String: OptionValue] = [
            "mq_rabbitmq_start_timeout": 60, "mq_publish_timeout": 20, "mq_default_query_timeout": 20,
            "mq_rabbitmq_connect_timeout": "3s", "mq_rabbitmq_queue_type": "classic", "mq_shutdown_timeout": 5,
        ]
        let options = defaults.merging(options) { _, own in own }
        queue = TestBroker.uniqueName(name)
        client = try FaultyBus(options, url: url, logLevel: logLevel)
        service = try FaultyBus(options, url: url, logLevel: logLevel)
        // What a handler holds lives as long as its bus: none holds this world, which holds the bus.
        try await service.bus.requests(queue) { [handled] handlers in
            let failed = Lock<Set<Int>>([])
            handlers.command("take") { message, _ in handled.note(try message["n"]) }
            handlers.command("fail") { message, _ in
                let number: Int = try message["n"]
                guard failed.withLock({ !$0.insert(number).inserted }) else {
                    throw ProcessingError(code: "soon", message: "not yet")
                }
                handled.note(number)
            }
            handlers.command("refuse") { _, _ in throw ProcessingError(code: "no", message: "never", isFinal: true) }
            handlers.query("ask") { message, _ in ["n": .integer(try message["n"])] }
        }
        try await service.bus.requests(slowQueue) { [waiting, gate] handlers in
            handlers.command("wait") { message, _ in
                waiting.note(try message["n"])
                try await gate.wait()
            }
            handlers.query("ponder") { message, _ in
                waiting.note(try message["n"])
                try await gate.wait()
                return message
            }
        }
        try await service.bus.events(queue, queue: queue + ".events") { [heard] events in
            events.event("seen") { message, _ in heard.note(try message["n"]) }
        }
        try await service.bus.events(queue) { [overheard] events in
            events.event("seen") { message, _ in overheard.note(try message["n"]) }
        }
        try await service.bus.start()
        try await client.bus.start()
    }

    /// Its second queue, whose handlers wait.
    var slowQueue: String { queue + ".slow" }

    func target(_ method: String) throws -> RequestTarget {
        try RequestTarget("\(["wait", "ponder"].contains(method) ? slowQueue : queue)/\(method)")
    }

    /// Sends a command that has to be confirmed.
    func command(_ method: String, _ number: Int, timeout: Duration? = nil) async throws {
        try await client.bus.command(target(method), ["n": .integer(number)], timeout: timeout)
    }

    /// Publishes an event that has to be confirmed.
    func event(_ number: Int, timeout: Duration? = nil) async throws {
        try await client.bus.event(EventTarget("\(queue)#seen"), ["n": .integer(number)], timeout: timeout)
    }

    /// Asks for a number, and has to get it.
    func ask(_ number: Int, timeout: Duration? = nil) async throws -> Int {
        try await client.bus.query(target("ask"), ["n": .integer(number)], timeout: timeout)["n"]
    }

    /// Waits until a number is in a journal.
    func wait(for number: Int, in journal: Journal<Int>) async throws {
        try await journal.wait { $0.contains(number) }
    }

    /// Publishes until a listener hears who has no queue yet: what is published while there is none is lost by definition.
    func publishUntilHeard(in journal: Journal<Int>) async throws {
        let before = journal.entries.count
        var number = 1_000_000
        while journal.entries.count == before {
            // A broker that has just come back may refuse one before its queues have found themselves.
            do {
                try await event(number)
            } catch let error as MessagingError where error.isRetryable {}
            number += 1
            await Task.yield()
        }
    }

    /// Runs one of everything, which has to go well.
    func works(_ number: Int) async throws {
        try await command("take", number)
        try await wait(for: number, in: handled)
        try await event(number)
        try await wait(for: number, in: heard)
        guard try await ask(number) == number else { throw TestBroker.Unavailable(description: "a crossed reply") }
    }

    /// Stops both, and removes what they have declared.
    func end(url: String = TestBroker.url) async throws {
        gate.open()
        await client.end()
        await service.end()
        for name in [queue, slowQueue, queue + ".events"] {
            try await TestBroker.remove(queue: name, retryDelays: [20], url: url)
        }
        try await TestBroker.remove(topic: queue, url: url)
    }
}

/// Runs a test in a world, which ends however the test does, when it is its turn.
func withFaultWorldInTurn(
    _ name: String, _ options: [String: OptionValue] = [:], _ body: (FaultWorld) async throws -> Void
) async throws {
    try await Turnstile.faults.pass { try await withFaultWorld(name, options, body) }
}

/// Runs a test in a world, which ends however the test does.
func withFaultWorld(
    _ name: String, _ options: [String: OptionValue] = [:], url: String = TestBroker.url,
    _ body: (FaultWorld) async throws -> Void
) async throws {
    let world = try await FaultWorld(name, options, url: url)
    do {
        try await body(world)
    } catch {
        try? await world.end(url: url)
        throw error
    }
    try await world.end(url: url)
}
