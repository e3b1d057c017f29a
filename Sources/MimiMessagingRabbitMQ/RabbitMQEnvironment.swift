package import Logging
package import MimiMessaging
package import RabbitMQClient

/// What the adapter takes from the world beside time: connections to brokers, and chance.
package struct RabbitMQEnvironment: Sendable {
    /// Opens a connection, as `AMQPConnection.open` does.
    package typealias Connect =
        @Sendable (AMQPConnectionConfiguration, Logger) async throws(AMQPError) -> AMQPConnection

    /// Sockets, threads, and the system's randomness.
    package static let system = RabbitMQEnvironment(random: .system) {
        configuration, logger async throws(AMQPError) in
        try await AMQPConnection.open(configuration, logger: logger)
    }

    let random: RandomSource
    let connect: Connect

    /// - Parameters:
    ///   - random: Decides about jitter, the order of brokers, and correlation ids.
    ///   - connect: Opens connections.
    package init(random: RandomSource, connect: @escaping Connect) {
        self.random = random
        self.connect = connect
    }
}
