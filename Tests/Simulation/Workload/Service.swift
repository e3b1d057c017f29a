import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import RabbitMQClient

/// A process with a bus that sends and processes.
// Unchecked: a simulation has one thread.
final class Service: @unchecked Sendable {
    /// What the options of all services of a world are.
    struct Settings {
        let queueType: String
        let usesDirectReplyTo: Bool
        let concurrency: Int
        let heartbeat: Int

        init(random: inout Generator) {
            queueType = random.once(in: 2) ? "quorum" : "classic"
            usesDirectReplyTo = random.once(in: 2)
            concurrency = random.number(1...6)
            heartbeat = random.number(1...5)
        }

        /// The delays of the retry ladder, in milliseconds.
        static let delays = [200, 1000]

        var options: MessagingOptions {
            [
                "mq_retry_delays": .list(Self.delays.map { "\($0)ms" }), "mq_retry_max_attempts": 4,
                "mq_shutdown_timeout": 3, "mq_concurrency": .integer(concurrency),
            ]
        }

        var adapterOptions: MessagingOptions {
            [
                "mq_host": "broker", "mq_rabbitmq_queue_type": .string(queueType),
                "mq_rabbitmq_heartbeat": .integer(heartbeat), "mq_rabbitmq_direct_reply_to": .bool(usesDirectReplyTo),
                "mq_rabbitmq_connection_name": "service",
            ]
        }
    }

    let number: Int
    let host = Host()
    private(set) var isStarted = false
    /// Probes that the listener without a queue has heard.
    private(set) var heard: Set<Int> = []
    private(set) var bus: MessageBus?
    /// Handlers that run now.
    private(set) var running = 0
    private weak var presence: Presence?
    private let scheduler: Scheduler
    private let clock: VirtualClock
    private let ledger: Ledger

    init(number: Int, settings: Settings, network: Network, ledger: Ledger, scheduler: Scheduler) throws {
        self.number = number
        self.scheduler = scheduler
        self.ledger = ledger
        clock = VirtualClock(scheduler: scheduler)
        let clock = MessagingClock(clock)
        let logger = Logger(label: "\(number)") { _ in NoteHandler(scheduler: scheduler, source: "service \(number)") }
        let presence = Presence()
        self.presence = presence
        let environment = RabbitMQEnvironment(random: RandomSource { scheduler.random.next() }) {
            [host] configuration, logger async throws(AMQPError) in
            _ = presence
            return try await network.connect(configuration, logger, from: host)
        }
        let context = AdapterContext(options: settings.adapterOptions, logger: logger, clock: clock)
        bus = try MessageBus(
            adapter: RabbitMQAdapter(context: context, environment: environment), options: settings.options,
            clock: clock, logger: logger)
    }

    /// Registers its processors and starts, again and again until it works.
    func start() async {
        guard let bus else { return }
        do {
            try await register(on: bus)
        } catch {
            return ledger.violate("service \(number) cannot register: \(error)")
        }
        await run()
    }

    /// Stops, as a deployment does, and starts again.
    func restart() async {
        await stop()
        if host.isAlive { await run() }
    }

    func stop() async {
        guard let bus else { return }
        isStarted = false
        let start = scheduler.now
        scheduler.note("service \(number) stops")
        await bus.stop()
        scheduler.note("service \(number) has stopped")
        if scheduler.now - start > Self.longestStop { ledger.violate("stopping took \(scheduler.now - start)") }
    }

    /// The shutdown timeout, and each exchange with a broker that does not answer.
    private static let longestStop = Duration.seconds(60)

    /// Dies: the handlers go on, but nobody ever hears of it.
    func kill() {
        scheduler.note("service \(number) dies")
        isStarted = false
        host.kill()
    }

    /// Forgets the bus, so that it can be seen whether anything holds on to it.
    func release() { bus = nil }

    /// Whether something of the bus is still there: a task that waits, a connection.
    var isHeld: Bool { presence != nil }

    /// Is there as long as anything of the adapter is.
    private final class Presence: Sendable {}

    private func run() async {
        while host.isAlive, let bus {
            do {
                try await bus.start()
                isStarted = host.isAlive
                return
            } catch {
                scheduler.note("service \(number) cannot start: \(error)")
                try? await clock.sleep(until: clock.now.advanced(by: .milliseconds(100)))
            }
        }
    }

    // MARK: Processing

    private func register(on bus: MessageBus) async throws {
        try await bus.requests("orders") { orders in
            orders.command("do") { [self] message, context in try await handle(message, context, in: "orders") }
            orders.query("ask") { [self] message, context in
                try await handle(message, context, in: "orders")
                return ["n": .string(message.headers["n"] ?? "")]
            }
        }
        try await bus.events("users", queue: "billing") { users in
            users.event("happened") { [self] message, context in try await handle(message, context, in: "billing") }
        }
        try await bus.events("users") { users in
            users.event("happened") { [self] message, _ in hear(message) }
        }
    }

    private func forward(_ letter: Letter) async throws {
        ledger.forwarded(letter)
        try await bus?.event("users#happened", [:], headers: letter.headers, timeout: letter.timeout)
        if host.isAlive, bus != nil { ledger.ended(letter, .accepted) }
    }

    private func hear(_ message: Message) {
        if let letter = ReceivedLetter(message.headers) { heard.insert(letter.id) }
    }

    private func handle(_ message: Message, _ context: MessageContext, in queue: String) async throws {
        guard let letter = ReceivedLetter(message.headers) else { return ledger.violate("a foreign message") }
        running += 1
        defer { running -= 1 }
        scheduler.note("service \(number) handles \(letter.id), attempt \(context.attempt)")
        ledger.handled(letter.id)
        // Slow once: retries of slow letters could take longer than a world has to come to rest.
        let work = context.attempt == 1 ? letter.work : 1
        try await clock.sleep(until: clock.now.advanced(by: .milliseconds(work)))
        switch letter.fate {
        case .poison:
            throw ProcessingError(code: "poison", message: "cannot be handled", isFinal: letter.id.isMultiple(of: 2))
        case .stumbles where context.attempt <= 1 + letter.id % 2:
            throw ProcessingError(code: "stumbled", message: "not this time")
        case .postpones where context.attempt == 1: throw NACK()
        case .forwards: try await forward(Letter(forwardedFrom: letter.id))
        case .succeeds, .stumbles, .postpones: break
        }
        // What a dead process does counts for nothing.
        if host.isAlive { ledger.processed(letter.id, in: queue) }
    }
}
