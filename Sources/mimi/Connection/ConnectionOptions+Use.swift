import MimiMessaging
import MimiMessagingRabbitMQ

extension ConnectionOptions {
    /// Starts a bus, runs an operation on it, and stops it, whatever happens. A signal cancels the operation.
    /// - Parameters:
    ///   - prepare: Registers processors before the start.
    ///   - operation: What to do.
    func withBus<Result: Sendable>(
        prepare: @escaping @Sendable (MessageBus) async throws -> Void = { _ in },
        _ operation: @escaping @Sendable (MessageBus) async throws -> Result
    ) async throws -> Result {
        let bus = try bus()
        return try await interruptible {
            do {
                try await prepare(bus)
                try await bus.start()
                let result = try await operation(bus)
                await bus.stop()
                return result
            } catch {
                await bus.stop()
                throw error
            }
        }
    }

    /// Connects to the broker as an operator, runs an operation, and disconnects, whatever happens.
    func withAdministration<Result: Sendable>(
        _ operation: @escaping @Sendable (BrokerAdministration) async throws -> Result
    ) async throws -> Result {
        let options = try resolved().options
        guard try options.string("mq_adapter") == RabbitMQAdapter.name else {
            throw MessagingError(
                .configuration, "this looks at a broker, and other adapters have none: it needs --adapter rabbitmq")
        }
        let logger = logger
        return try await interruptible {
            let administration = try await BrokerAdministration.connect(options: options, logger: logger)
            do {
                let result = try await operation(administration)
                await administration.close()
                return result
            } catch {
                await administration.close()
                throw error
            }
        }
    }
}
