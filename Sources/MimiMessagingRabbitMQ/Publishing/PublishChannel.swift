import MimiMessaging
import RabbitMQClient

/// A channel in confirm mode, under supervision, with the topics that were declared since it was opened.
struct PublishChannel: SupervisedResource {
    let channel: AMQPChannel
    private let connection: AMQPConnection
    private let declared = Lock<Set<String>>([])

    /// Opens one on the connection of a link, as soon as that has one.
    static func open(on link: Supervisor<BrokerConnection>) async throws -> PublishChannel {
        let connection = try await link.lease().resource.client
        let channel = try await connection.openChannel()
        try await channel.selectConfirms()
        return PublishChannel(channel: channel, connection: connection)
    }

    private init(channel: AMQPChannel, connection: AMQPConnection) {
        self.channel = channel
        self.connection = connection
    }

    /// Sees to it that a topic exists, so that an event without listeners is no error.
    func ensureTopic(_ name: String) async throws {
        guard !declared.withLock({ $0.contains(name) }) else { return }
        try await TopologyDeclarer.declare(on: connection) { try await $0.declare(.topic(name)) }
        declared.withLock { _ = $0.insert(name) }
    }

    func ended() async -> AMQPError { await channel.ended() }

    func close() async { await channel.close() }
}
