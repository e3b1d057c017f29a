import ArgumentParser
import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import ServiceLifecycle

/// How the three services reach the broker, and run.
struct BrokerOptions: ParsableArguments {
    @Option(help: "The broker's URL. Default: $MIMI_RABBITMQ_URL, else amqp://localhost.") var broker: String?
    @Option(help: "A folder with ca.pem and, for each service, a certificate to log in with over TLS.")
    var certificates: String?
    @Flag(help: "Log each message.") var verbose = false

    /// The bus of a service, not started.
    func bus(for service: String) throws -> MessageBus {
        let url = broker ?? ProcessInfo.processInfo.environment["MIMI_RABBITMQ_URL"] ?? "amqp://localhost"
        var options: [String: OptionValue] = [
            "mq_adapter": "rabbitmq",
            "mq_url": .string(url),
            "mq_namespace": "shop.",  // so that the queues on the broker are shop.orders and so on
            "mq_app_id": .string(service),
        ]
        if let certificates {
            // The broker takes the user's name from the certificate: there is no password.
            options["mq_auth_mechanism"] = "external"
            options["mq_tls_ca_file"] = "\(certificates)/ca.pem"
            options["mq_tls_certificate_file"] = "\(certificates)/\(service).pem"
            options["mq_tls_key_file"] = "\(certificates)/\(service).key"
        }
        return try MessageBus(
            options: MessagingOptions(options), adapters: [RabbitMQAdapter.self], logger: logger(for: service))
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
