import Logging
import MimiMessaging
import RabbitMQClient

/// A connection under supervision.
struct BrokerConnection: SupervisedResource {
    static let standsOnLink = false

    let client: AMQPConnection
    private let logger: Logger
    private let observer: any AdapterObserver
    private let block = Lock<Block?>(nil)

    /// That the broker takes no messages, since when and why.
    private struct Block {
        let reason: String
        let start: ContinuousClock.Instant
    }

    /// Why the broker takes no messages over it, if it does not (`connection.blocked`).
    var blockedReason: String? { block.withLock { $0?.reason } }

    /// Connects to one of the brokers.
    /// - Parameters:
    ///   - role: What the connection is for.
    ///   - clock: The time by which a credential provider has to answer.
    ///   - observer: Hears when the broker blocks it, and for how long it did.
    static func open(
        _ configuration: RabbitMQConfiguration, role: String, clock: MessagingClock, environment: RabbitMQEnvironment,
        logger: Logger, observer: any AdapterObserver
    ) async throws -> BrokerConnection {
        let credentials = try await configuration.credentials.current(
            within: configuration.connectTimeout, clock: clock)
        let client = try await environment.connect(
            configuration.connection(role: role, credentials: credentials, random: environment.random), logger)
        logger.info("connected to \(client.endpoint) (\(role))")
        return BrokerConnection(client: client, logger: logger, observer: observer)
    }

    func ended() async -> AMQPError {
        defer { unblocked() }
        for await event in client.events {
            switch event {
            case .blocked(let reason):
                blocked(reason)
                logger.warning("the broker takes no messages at the moment: \(reason.escapedForLog)")
            case .unblocked:
                unblocked()
                logger.info("the broker takes messages again")
            case .closed(let reason): return reason
            }
        }
        return AMQPError(.connectionLost, "the connection is gone")
    }

    private func blocked(_ reason: String) {
        block.withLock { $0 = Block(reason: reason, start: $0?.start ?? .now) }
        observer.obstaclesChanged()
    }

    private func unblocked() {
        let block = block.withLock { block in
            defer { block = nil }
            return block
        }
        guard let block else { return }
        observer.unblocked(after: block.start.duration(to: .now))
        observer.obstaclesChanged()
    }

    func close() async { await close(within: .seconds(1)) }

    /// - Parameter timeout: How long the broker may take to answer.
    func close(within timeout: Duration) async { await client.close(timeout: timeout) }
}
