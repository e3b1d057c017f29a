import Configuration
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// Processes everything that producers send, and writes down what its handlers see and do.
struct Consumer {
    /// What a handler throws because its message says so.
    private struct PlannedFailure: Error {}

    /// How many messages the queue with a limit holds.
    private static let tightLimit = 5

    private let settings: Settings
    private let journal: Journal
    private let bus: MessageBus
    private let logger: Logger

    init(_ settings: Settings, config: ConfigReader, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        journal = try Journal(settings.journal)
        bus = try MessageBus(config: config, adapters: [RabbitMQAdapter.self], logger: logger)
    }

    /// The life of the process.
    func run() async throws {
        try await bus.requests("work") { work in
            work.on(Work.self) { message, context in try await process(message, context, queue: "work") }
            work.on(Ask.self) { message, context in
                try await process(message, context, queue: "work")
                return Ask.Answer(id: message.id, hash: hash(message.text))
            }
        }
        let tight = ProcessorOptions(concurrency: 1, queueArguments: ["x-max-length": .integer(Self.tightLimit)])
        try await bus.requests("tight", options: tight) { work in
            work.on(TightWork.self) { message, context in try await process(message, context, queue: "tight") }
        }
        for queue in ["billing", "audit", nil] {
            // A listener without a queue of its own has a page of its own in the ledger.
            let name = queue ?? "listener \(settings.name)"
            try await bus.events("facts", queue: queue) { facts in
                facts.on(Happened.self) { message, context in
                    // What fails in a listener is gone.
                    try await process(message, context, queue: name, mayFail: queue != nil)
                }
            }
        }
        try await bus.start()
        try await journal.write(Entry(event: .ready))
        try await Ledger.run([bus], logger: logger)
        try await journal.write(Entry(event: .stopped))
    }

    private func process(
        _ message: some LedgerMessage, _ context: MessageContext, queue: String, mayFail: Bool = true
    ) async throws {
        try await journal.write(
            Entry(
                event: .start, id: message.id, queue: queue, messageID: context.messageID, attempt: context.attempt,
                isRedelivered: context.isRedelivered))
        try await Task.sleep(for: .milliseconds(message.pause))
        if mayFail, context.attempt <= message.failures { throw PlannedFailure() }
        try await journal.write(Entry(event: .done, id: message.id, hash: hash(message.text), queue: queue))
    }
}
