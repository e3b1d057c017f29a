import Configuration
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import ServiceLifecycle

/// Sends messages, many at a time, and writes down what became of each call. SIGTERM stops the bus while calls are
/// under way.
struct Producer: Service {
    private let settings: ProducerSettings
    private let journal: Journal
    private let bus: MessageBus
    private let sending: Pacer
    /// Queries have senders of their own: while processors have a backlog, all others would wait behind them.
    private let asking: Pacer
    private let logger: Logger

    init(_ settings: ProducerSettings, config: ConfigReader, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        journal = try Journal(settings.common.journal)
        sending = Pacer(rate: settings.rate * 0.9)
        asking = Pacer(rate: settings.rate * 0.1)
        bus = try MessageBus(
            config: config, adapters: [RabbitMQAdapter.self], middleware: [LedgerIdentity()], logger: logger)
    }

    /// The life of the process.
    func run() async throws {
        try await bus.start()
        try await journal.write(Entry(event: .ready))
        // The bus is the first to hear of the end, and stops under the senders' hands.
        try await Ledger.run([Load(producer: self), bus], logger: logger)
        try await journal.write(Entry(event: .stopped))
    }

    /// The senders and the askers, as a service.
    private struct Load: Service {
        let producer: Producer

        func run() async throws {
            try await withThrowingTaskGroup { group in
                for (isQuery, pacer) in [(false, producer.sending), (true, producer.asking)] {
                    for _ in 0..<producer.settings.outstanding {
                        group.addTask { while try await producer.sendNext(isQuery: isQuery, at: pacer) {} }
                    }
                }
                try await group.waitForAll()
            }
            try await gracefulShutdown()
        }
    }

    /// Sends one message, until its fate is known if this producer insists. A query is never asked again: it has a time.
    /// - Returns: Whether the bus still runs.
    private func sendNext(isQuery: Bool, at pacer: Pacer) async throws -> Bool {
        let name = "\(settings.common.name)-\(isQuery ? "q" : "")\(try await pacer.take())"
        let draft = Draft(id: name, isQuery: isQuery, seed: settings.seed, pause: settings.pause)
        var round = 1
        while true {
            let outcome = try await send(draft, id: "\(settings.run)-\(name)", round: round)
            if outcome.isStopped { return false }
            guard settings.insists, !isQuery, outcome.event == .unknown else { return true }
            round += 1
        }
    }

    /// Makes one call, and writes down how it went.
    private func send(_ draft: Draft, id: String, round: Int) async throws -> Outcome {
        let limit = draft.kind == .query ? settings.queryTimeout : settings.publishTimeout
        try await journal.write(
            Entry(
                event: .try, id: id, kind: draft.kind, round: round, hash: hash(draft.text),
                limit: limit / .milliseconds(1)))
        let start = ContinuousClock.now
        let outcome = await outcome(of: draft, id: id, round: round, limit: limit)
        try await journal.write(
            Entry(
                event: outcome.event, id: id, round: round, hash: outcome.answer, error: outcome.error,
                elapsed: start.duration(to: .now) / .milliseconds(1)))
        return outcome
    }

    private func outcome(of draft: Draft, id: String, round: Int, limit: Duration) async -> Outcome {
        let call = Task { try await transmit(draft, id: id, limit: limit) }
        // Only in the first round: a caller that loses interest each time would insist in vain.
        let bored = draft.patience.flatMap { patience in
            round > 1
                ? nil
                : Task {
                    try await Task.sleep(for: .milliseconds(patience))
                    call.cancel()
                }
        }
        defer { bored?.cancel() }
        do {
            return Outcome(answer: try await call.value, id: id)
        } catch {
            return Outcome(error, kind: draft.kind)
        }
    }

    private func transmit(_ draft: Draft, id: String, limit: Duration) async throws -> Ask.Answer? {
        let headers: MessageHeaders = [LedgerIdentity.header: id]
        let (failures, pause, text) = (draft.failures, draft.pause, draft.text)
        switch draft.kind {
        case .command, .poison:
            let work = Work(id: id, failures: failures, pause: pause, text: text)
            try await bus.command(work, headers: headers, timeout: limit)
        case .tight:
            try await bus.command(TightWork(id: id, pause: pause, text: text), headers: headers, timeout: limit)
        case .undecodable:
            try await bus.command(Work.target, ["id": .string(id), "text": 0], headers: headers, timeout: limit)
        case .missing:
            try await bus.command("nobody/do", ["id": .string(id)], headers: headers, timeout: limit)
        case .event:
            let event = Happened(id: id, failures: failures, pause: pause, text: text)
            try await bus.event(event, headers: headers, timeout: limit)
        case .query:
            return try await bus.query(Ask(id: id, pause: pause, text: text), headers: headers, timeout: limit)
        }
        return nil
    }
}
