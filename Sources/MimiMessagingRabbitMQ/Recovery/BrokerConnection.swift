import Logging
import MimiMessaging
import RabbitMQClient

/// A connection under supervision.
struct BrokerConnection: SupervisedResource {
    static let standsOnLink = false

    let client: AMQPConnection
    private let logger: Logger
    private let block = Lock<String?>(nil)

    /// Why the broker takes no messages over it, if it does not (`connection.blocked`).
    var blockedReason: String? { block.withLock { $0 } }

    /// Connects to one of the brokers.
    /// - Parameters:
    ///   - role: What the connection is for.
    ///   - clock: The time by which a credential provider has to answer.
    static func open(
        _ configuration: RabbitMQConfiguration, role: String, clock: MessagingClock, environment: RabbitMQEnvironment,
        logger: Logger
    ) async throws -> BrokerConnection {
        let credentials = try await configuration.credentials.current(
            within: configuration.connectTimeout, clock: clock)
        let client = try await environment.connect(
            configuration.connection(role: role, credentials: credentials, random: environment.random), logger)
        logger.info("connected to \(client.endpoint) (\(role))")
        return BrokerConnection(client: client, logger: logger)
    }

    func ended() async -> AMQPError {
        for await event in client.events {
            switch event {
            case .blocked(let reason):
                block.withLock { $0 = reason }
                logger.warning("the broker takes no messages at the moment: \(reason.escapedForLog)")
            case .unblocked:
                block.withLock { $0 = nil }
                logger.info("the broker takes messages again")
            case .closed(let reason): return reason
            }
        }
        return AMQPError(.connectionLost, "the connection is gone")
    }

    func close() async { await close(within: .seconds(1)) }

    /// - Parameter timeout: How long the broker may take to answer.
    func close(within timeout: Duration) async { await client.close(timeout: timeout) }
}
