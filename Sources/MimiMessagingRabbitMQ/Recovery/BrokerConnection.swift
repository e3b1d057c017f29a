import Logging
import MimiMessaging
import RabbitMQClient

/// A connection under supervision.
struct BrokerConnection: SupervisedResource {
    let client: AMQPConnection
    let logger: Logger

    /// Connects to one of the brokers.
    /// - Parameter role: What the connection is for.
    static func open(
        _ configuration: RabbitMQConfiguration, role: String, environment: RabbitMQEnvironment, logger: Logger
    ) async throws -> BrokerConnection {
        let client = try await environment.connect(
            configuration.connection(role: role, random: environment.random), logger)
        logger.info("connected to \(client.endpoint) (\(role))")
        return BrokerConnection(client: client, logger: logger)
    }

    func ended() async -> AMQPError {
        for await event in client.events {
            switch event {
            case .blocked(let reason):
                logger.warning("the broker takes no messages at the moment: \(reason.escapedForLog)")
            case .unblocked: logger.info("the broker takes messages again")
            case .closed(let reason): return reason
            }
        }
        return AMQPError(.connectionLost, "the connection is gone")
    }

    func close() async { await client.close() }
}

extension AMQPChannel {
    /// Returns when the channel is closed, with the reason.
    func ended() async -> AMQPError {
        for await event in events {
            switch event {
            case .closed(let reason): return reason
            }
        }
        return AMQPError(.connectionLost, "the channel is gone")
    }

    /// Returns when the channel is closed, or with the first failure that makes it useless to its owner.
    func ended(orBy failures: AsyncStream<AMQPError>) async -> AMQPError {
        let reason = await withTaskGroup(of: AMQPError?.self) { group in
            group.addTask { await ended() }
            group.addTask {
                for await reason in failures { return reason }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return reason ?? AMQPError(.closed, "the channel is closed")
    }
}
