import MimiMessaging
import RabbitMQClient

/// A channel in confirm mode, under supervision, with the topics that were declared since it was opened.
struct PublishChannel: SupervisedResource {
    let channel: AMQPChannel
    let topics: TopicDeclarations

    /// Opens one on the connection of a link, as soon as that has one.
    static func open(on link: Supervisor<BrokerConnection>, clock: MessagingClock) async throws -> PublishChannel {
        let connection = try await link.lease().resource.client
        let channel = try await connection.openChannel()
        try await channel.selectConfirms()
        return PublishChannel(channel: channel, topics: TopicDeclarations(on: connection, clock: clock))
    }

    func ended() async -> AMQPError { await channel.ended() }

    func close() async { await channel.close() }
}
