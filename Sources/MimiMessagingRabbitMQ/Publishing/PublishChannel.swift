import MimiMessaging
import RabbitMQClient

/// A channel in confirm mode, under supervision, with the topics that were declared since it was opened.
struct PublishChannel: SupervisedResource {
    static let standsOnLink = true

    let channel: AMQPChannel
    /// Topics that exist, so that an event without listeners is no error.
    let topics: DeclaredTopics

    /// Opens one on the connection of a link, as soon as that has one.
    static func open(on link: Supervisor<BrokerConnection>, clock: MessagingClock) async throws -> PublishChannel {
        let connection = try await link.lease().resource.client
        let channel = try await connection.openChannel()
        try await channel.selectConfirms()
        let topics = DeclaredTopics(clock: clock) { name in
            try await TopologyDeclarer.declare(on: connection) { try await $0.declare(.topic(name)) }
        }
        return PublishChannel(channel: channel, topics: topics)
    }

    func ended() async -> AMQPError { await channel.ended() }

    func close() async { await channel.close() }
}
