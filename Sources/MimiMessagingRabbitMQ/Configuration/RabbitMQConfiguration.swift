import MimiMessaging
import RabbitMQClient

/// What the options say about the broker and how to work with it.
struct RabbitMQConfiguration: Sendable {
    /// The type of a durable queue.
    enum QueueType: String, CaseIterable, Sendable {
        /// Replicated, survives the loss of a minority of nodes.
        case quorum
        /// On one node.
        case classic
    }

    let endpoints: [AMQPEndpoint]
    let virtualHost: String
    let credentials: CredentialSource
    let tls: AMQPTLSConfiguration?
    let heartbeat: Duration
    let connectTimeout: Duration
    /// How long starting goes on trying a broker that cannot be reached.
    let startTimeout: Duration
    let connectionName: String?
    let prefetch: Int?
    let queueType: QueueType
    /// How often a quorum queue delivers a message to processes that die of it.
    let deliveryLimit: Int
    /// How often a consumer is looked after; zero for never.
    let consumerCheckInterval: Duration
    /// Whether replies come over direct reply-to; if not, over an exclusive queue.
    let usesDirectReplyTo: Bool
    /// What the names of reply queues begin with.
    let replyQueuePrefix: String
    let limits: AMQPLimits

    /// How the client connects.
    /// - Parameters:
    ///   - role: What the connection is for; part of its name in the broker's lists.
    ///   - credentials: What to log in with.
    ///   - random: Decides about the order of the brokers.
    func connection(
        role: String, credentials: AMQPCredentials, random: RandomSource
    ) -> AMQPConnectionConfiguration {
        var random = random
        return AMQPConnectionConfiguration(
            // Clients that lose a broker together should not come back to the same node together.
            endpoints: endpoints.shuffled(using: &random), virtualHost: virtualHost, credentials: credentials, tls: tls,
            heartbeat: heartbeat, connectTimeout: connectTimeout,
            connectionName: [connectionName, role].compactMap { $0 }.joined(separator: " "), limits: limits)
    }
}
