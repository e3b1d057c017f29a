import MimiMessaging
import MimiMessagingRabbitMQ

/// A queue and a topic for one measurement, which nobody else uses. They are removed afterwards, whatever happens.
struct BenchPlace: Sendable {
    let queue: String
    let topic: String

    init() {
        let name = "mimi.bench." + RandomID.make().prefix(12)
        queue = name
        topic = name
    }

    /// The retry ladder has one step, which is removed, too.
    private static let retryDelay = Duration.seconds(1)

    /// How the measurement's own processors work: what fails is not tried again.
    static func processorOptions(concurrency: Int) -> ProcessorOptions {
        ProcessorOptions(
            concurrency: max(concurrency, 16), retryPolicy: RetryPolicy(maximumAttempts: 1, delays: [retryDelay]))
    }

    /// Runs a measurement on a bus, and removes what it leaves on the broker.
    func run(
        _ connection: ConnectionOptions, prepare: @escaping @Sendable (MessageBus) async throws -> Void,
        _ measure: @escaping @Sendable (MessageBus) async throws -> BenchReport
    ) async throws -> BenchReport {
        let result = await Result.catching { try await connection.withBus(prepare: prepare, measure) }
        do {
            try await cleanUp(connection)
        } catch {
            Console.note("what was measured with is still there, remove the queue and topic '\(queue)': \(error)")
        }
        return try result.get()
    }

    private func cleanUp(_ connection: ConnectionOptions) async throws {
        let options = try connection.resolved().options
        guard try options.string("mq_adapter") == RabbitMQAdapter.name else { return }
        let administration: BrokerAdministration
        do {
            administration = try await BrokerAdministration.connect(options: options, logger: connection.logger)
        } catch {
            // The measurement has failed for the same reason, and says so.
            return
        }
        let result = await Result.catching {
            try await administration.remove(queue: queue, retryDelays: [Self.retryDelay])
            try await administration.remove(topic: topic)
        }
        await administration.close()
        try result.get()
    }
}
