import ArgumentParser
import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import ServiceLifecycle

/// How the three services reach the broker, and run.
struct BrokerOptions: ParsableArguments {
    @Option(help: "The broker's URL. Default: $MIMI_RABBITMQ_URL, else amqp://localhost.") var broker: String?
    @Flag(help: "Log each message.") var verbose = false

    /// The bus of a service, not started.
    func bus(for service: String) throws -> MessageBus {
        let url = broker ?? ProcessInfo.processInfo.environment["MIMI_RABBITMQ_URL"] ?? "amqp://localhost"
        return try MessageBus(
            options: [
                "mq_adapter": "rabbitmq",
                "mq_url": .string(url),
                "mq_namespace": "shop.",  // so that the queues on the broker are shop.orders and so on
                "mq_app_id": .string(service),
            ],
            adapters: [RabbitMQAdapter.self],
            logger: logger(for: service))
    }

    /// Runs a service until it is told to end (SIGTERM, or Ctrl-C): then it lets go of its queues, finishes what it is
    /// doing, and disconnects.
    func run(_ bus: MessageBus, as service: String) async throws {
        try await bus.start()
        say("\(service) is open")
        let group = ServiceGroup(
            services: [bus], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger(for: service))
        try await group.run()
        say("\(service) is closed")
    }

    /// Logs go to standard error; standard output tells the story.
    private func logger(for service: String) -> Logger {
        var logger = Logger(label: service) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        return logger
    }
}
