import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// The broker that the tests talk to: `MIMI_RABBITMQ_URL`, else the one of this machine.
///
/// With `MIMI_REQUIRE_BROKER=1` tests of its TLS listener and of its management API fail where the environment names none;
/// otherwise they are skipped.
enum TestBroker {
    /// What is wrong with the test set-up, in words for whoever runs the tests.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    static var url: String { environment["MIMI_RABBITMQ_URL"] ?? "amqp://guest:guest@localhost:5672" }

    /// Whether tests of the TLS listener are to run: either it is there, or it is missed.
    static var expectsTLS: Bool { expects("MIMI_RABBITMQ_TLS_URL") }

    /// Whether tests of the management API are to run: either it is there, or it is missed.
    static var expectsManagement: Bool { expects("MIMI_RABBITMQ_MANAGEMENT_URL") }

    /// The URL of the TLS listener.
    static func requireTLS() throws -> String { try require("MIMI_RABBITMQ_TLS_URL") }

    /// The folder with the certificates of the TLS listener.
    static func requireTLSFolder() throws -> String { try require("MIMI_RABBITMQ_TLS_DIR") }

    /// The URL of the management API.
    static func requireManagement() throws -> String { try require("MIMI_RABBITMQ_MANAGEMENT_URL") }

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

    private static func expects(_ variable: String) -> Bool {
        environment[variable] != nil || environment["MIMI_REQUIRE_BROKER"] == "1"
    }

    private static func require(_ variable: String) throws -> String {
        guard let value = environment[variable] else { throw Unavailable(description: "\(variable) is not set") }
        return value
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
