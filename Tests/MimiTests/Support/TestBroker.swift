import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// The broker that the tests talk to: `MIMI_RABBITMQ_URL`, else the one of this machine.
enum TestBroker {
    static var url: String { environment["MIMI_RABBITMQ_URL"] ?? "amqp://guest:guest@localhost:5672" }

    /// The TLS listener and its folder of certificates, where they are.
    static var tlsURL: String? { environment["MIMI_RABBITMQ_TLS_URL"] }
    static var tlsFolder: String? { environment["MIMI_RABBITMQ_TLS_DIR"] }

    /// Its management API, where it has one.
    static var managementURL: String? { environment["MIMI_RABBITMQ_MANAGEMENT_URL"] }

    /// A name that no other test and no other run uses.
    static func uniqueName(_ stem: String) -> String {
        "test.\(stem).\(UUID().uuidString.prefix(13).lowercased())"
    }

    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// A bus on the broker, not started, whose messages are given up at the first failure.
    static func bus(_ options: [String: OptionValue] = [:]) throws -> MessageBus {
        let defaults: [String: OptionValue] = [
            "mq_adapter": "rabbitmq", "mq_url": .string(url), "mq_retry_delays": "20ms", "mq_retry_max_attempts": 1,
        ]
        return try MessageBus(
            options: MessagingOptions(defaults.merging(options) { _, own in own }), adapters: [RabbitMQAdapter.self],
            logger: silent)
    }

    /// Runs an operation with an operator's view of the broker.
    static func administer<Result>(
        _ operation: (BrokerAdministration) async throws -> Result
    ) async throws -> Result {
        let administration = try await BrokerAdministration.connect(
            options: ["mq_url": .string(url)], logger: silent)
        do {
            let result = try await operation(administration)
            await administration.close()
            return result
        } catch {
            await administration.close()
            throw error
        }
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
