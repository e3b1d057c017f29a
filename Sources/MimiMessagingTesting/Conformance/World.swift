import MimiMessaging

/// What one case lives in: a namespace of its own, buses that are stopped when it ends, and gates that open then.
final class World: Sendable {
    private struct Contents: Sendable {
        var buses: [MessageBus] = []
        var gates: [Gate] = []
        var namespaces: [String] = []
    }

    /// The names that cases use, so that a harness can remove them.
    static let queues = ["orders", "stock", "billing", "audit"]
    static let topics = ["users", "orders"]

    let harness: any ConformanceHarness
    let namespace: String
    private let contents = Lock(Contents())

    init(harness: any ConformanceHarness) {
        self.harness = harness
        namespace = "conformance-\(RandomID.make().prefix(12))."
    }

    /// How long to wait for what must happen.
    var patience: Duration { harness.features.patience }

    /// A bus, not started. Its time limits are beyond the patience of the suite, unless a case sets them.
    func bus(
        _ options: [String: OptionValue] = [:], middleware: [any MessagingMiddleware] = [],
        serializers: [any MessageSerializer] = []
    ) async throws -> MessageBus {
        let defaults: [String: OptionValue] = [
            "mq_namespace": .string(namespace), "mq_default_query_timeout": "10m", "mq_publish_timeout": "10m",
            "mq_shutdown_timeout": "10m", "mq_retry_delays": "20ms", "mq_retry_max_attempts": 3,
        ]
        let options = defaults.merging(options) { _, own in own }
        let bus = try await harness.makeBus(
            options: MessagingOptions(options), middleware: middleware, serializers: serializers)
        contents.withLock { contents in
            contents.buses.append(bus)
            if case .string(let namespace) = options["mq_namespace"] { contents.namespaces.append(namespace) }
        }
        return bus
    }

    /// A started bus without processors.
    func client(
        _ options: [String: OptionValue] = [:], serializers: [any MessageSerializer] = []
    ) async throws -> MessageBus {
        let bus = try await bus(options, serializers: serializers)
        try await bus.start()
        return bus
    }

    /// A started bus that processes a queue.
    func service(
        _ queue: String = "orders", as name: String = "service", noting journal: Journal<Received>,
        _ options: ProcessorOptions = ProcessorOptions(), bus busOptions: [String: OptionValue] = [:],
        onCommand: @escaping NotingProcessor.Action = { _ in },
        onQuery: @escaping NotingProcessor.Answer = { $0.message }
    ) async throws -> MessageBus {
        let bus = try await bus(busOptions)
        try await bus.register(
            NotingProcessor(name: name, journal: journal, action: onCommand, answer: onQuery), queue: queue,
            options: options)
        try await bus.start()
        return bus
    }

    /// A started bus that listens to a topic.
    func listener(
        _ topic: String = "users", queue: String?, as name: String = "listener", noting journal: Journal<Received>,
        _ options: ProcessorOptions = ProcessorOptions(), onEvent: @escaping NotingProcessor.Action = { _ in }
    ) async throws -> MessageBus {
        let bus = try await bus()
        let processor = NotingProcessor(name: name, journal: journal, action: onEvent)
        try await bus.register(processor, topic: topic, queue: queue, options: options)
        try await bus.start()
        return bus
    }

    func journal() -> Journal<Received> { Journal(limit: patience) }

    /// A gate that opens at the latest when the case ends.
    func gate() -> Gate {
        let gate = Gate()
        contents.withLock { $0.gates.append(gate) }
        return gate
    }

    /// Runs what must not take long.
    @discardableResult
    func soon<Value: Sendable>(
        _ what: String, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await within(patience, what, operation)
    }

    /// Waits until all of these were handled, once at least.
    func awaitNumbers(_ numbers: Set<Int>, in journal: Journal<Received>) async throws {
        var count = numbers.count
        while !numbers.isSubset(of: Set(journal.entries.numbers)) {
            count = try await journal.wait(for: count).count + 1
        }
    }

    /// Takes exactly so many dead letters.
    func deadLetters(of queue: String = "orders", count: Int = 1) async throws -> [DeadLetter] {
        let letters = try await harness.takeDeadLetters(of: namespace + queue, count: count, within: patience)
        try expectEqual(letters.count, count, "the number of dead letters of '\(queue)'")
        return letters
    }

    /// Waits until so many messages wait in a queue.
    func expectDepth(_ count: Int, of queue: String = "orders") async throws {
        let depth = try await harness.depth(of: namespace + queue, awaiting: count, within: patience)
        try expectEqual(depth, count, "the number of waiting messages in '\(queue)'")
    }

    /// Begins to stop a bus that handles one message of `orders`, and returns when the stop is under way: when a
    /// further command, `orders/mark`, has been at hand and is back in the queue.
    func beginStop(of bus: MessageBus) async throws -> Task<Void, Never> {
        try await bus.command("orders/mark")
        try await expectDepth(0)
        let stop = Task { await bus.stop() }
        try await expectDepth(1)
        return stop
    }

    func send(_ message: ForeignMessage, to queue: String = "orders") async throws {
        try await harness.send(message, toQueue: namespace + queue)
    }

    func publish(_ message: ForeignMessage, to topic: String = "users") async throws {
        try await harness.send(message, toTopic: namespace + topic)
    }

    /// Stops everything.
    func end() async throws {
        let contents = contents.withLock { $0 }
        for gate in contents.gates { gate.open() }
        try await soon("the stop of all buses") {
            await withTaskGroup { group in
                for bus in contents.buses { group.addTask { await bus.end() } }
            }
        }
        let namespaces = Set(contents.namespaces)
        try await harness.remove(
            queues: namespaces.flatMap { namespace in Self.queues.map { namespace + $0 } },
            topics: namespaces.flatMap { namespace in Self.topics.map { namespace + $0 } })
    }
}
