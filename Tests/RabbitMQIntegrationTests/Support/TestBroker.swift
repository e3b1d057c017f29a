import Foundation

@testable import RabbitMQClient

/// The broker that the tests talk to, found through the environment.
///
/// - `MIMI_RABBITMQ_URL`: default `amqp://guest:guest@localhost:5672`.
/// - `MIMI_RABBITMQ_TLS_URL` and `MIMI_RABBITMQ_TLS_DIR`: the TLS listener and the folder with its PEM files.
/// - `MIMI_RABBITMQ_CONTROL`: the script that starts and harms brokers.
/// - `MIMI_REQUIRE_BROKER=1`: tests of the TLS listener, and those with brokers of their own, fail without these; otherwise
///   they are skipped.
enum TestBroker {
    /// What is wrong with the test set-up, in words for whoever runs the tests.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// The plain listener.
    static var url: String { environment["MIMI_RABBITMQ_URL"] ?? "amqp://guest:guest@localhost:5672" }

    /// Whether tests of the TLS listener are to run: either it is there, or it is missed.
    static var expectsTLS: Bool { expects("MIMI_RABBITMQ_TLS_URL") }

    /// Whether tests with brokers of their own are to run: either they can be started, or that is missed.
    static var expectsControl: Bool { expects("MIMI_RABBITMQ_CONTROL") }

    /// The script that controls brokers.
    static func requireControl() throws -> String {
        guard let script = environment["MIMI_RABBITMQ_CONTROL"] else {
            throw Unavailable(description: "MIMI_RABBITMQ_CONTROL is not set")
        }
        return script
    }

    /// How to reach the plain listener, after seeing that a broker answers there.
    static func require(_ url: String = TestBroker.url) async throws -> AMQPConnectionConfiguration {
        let configuration = try configuration(url)
        do {
            try Connector(configuration).connect(to: configuration.endpoints[0]).transport.close()
        } catch {
            throw Unavailable(
                description: "no RabbitMQ answers (\(error)); start one or point MIMI_RABBITMQ_URL at one")
        }
        return configuration
    }

    /// How to reach the TLS listener, its own authority trusted and no client certificate set.
    static func requireTLS() throws -> AMQPConnectionConfiguration {
        guard let url = environment["MIMI_RABBITMQ_TLS_URL"] else {
            throw Unavailable(description: "MIMI_RABBITMQ_TLS_URL is not set")
        }
        var configuration = try configuration(url)
        configuration.tls = AMQPTLSConfiguration(caFile: try file("ca.pem"))
        return configuration
    }

    /// The path of a file beside the TLS listener's certificates.
    static func file(_ name: String) throws -> String {
        guard let folder = environment["MIMI_RABBITMQ_TLS_DIR"] else {
            throw Unavailable(description: "MIMI_RABBITMQ_TLS_DIR is not set")
        }
        let path = folder + "/" + name
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Unavailable(description: "MIMI_RABBITMQ_TLS_DIR has no \(name)")
        }
        return path
    }

    /// A name that no other test and no other run uses.
    static func uniqueName(_ stem: String) -> String {
        "test.\(stem).\(UUID().uuidString.prefix(13).lowercased())"
    }

    private static func expects(_ variable: String) -> Bool {
        environment[variable] != nil || environment["MIMI_REQUIRE_BROKER"] == "1"
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static func configuration(_ url: String) throws -> AMQPConnectionConfiguration {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw Unavailable(description: "the broker's URL in the environment cannot be read")
        }
        let name = parts.path.dropFirst()
        return AMQPConnectionConfiguration(
            endpoints: [
                AMQPEndpoint(
                    host: host.trimmingCharacters(in: ["[", "]"]),
                    port: parts.port ?? (parts.scheme == "amqps" ? 5671 : 5672))
            ],
            virtualHost: name.isEmpty ? "/" : name.removingPercentEncoding ?? String(name),
            credentials: .plain(username: parts.user ?? "guest", password: parts.password ?? "guest"),
            connectionName: "tests")
    }
}
