import RabbitMQClient

/// Which channel each message was published on. A client may publish the same message once more only over another channel,
/// when the one before is over for it or for the broker: until then the confirm or the reply can come.
struct SendHistory {
    private struct Sending {
        weak var channel: BrokerChannel?
        let link: Link

        var isOver: Bool { channel?.isReleased != false || !link.isOpen || link.transport.isClosed }
    }

    private var sendings: [String: Sending] = [:]

    /// Notes that a message has come.
    /// - Returns: Whether its client had a reason to publish it.
    mutating func note(_ message: AMQPMessage, to address: Address, on channel: BrokerChannel) -> Bool {
        // Copies for the retry ladder and the dead letters are made anew each time their original is delivered.
        let isCopy = message.properties.headers?["__attempt"] != nil
        guard !isCopy, let id = message.properties.messageID else { return true }
        let sending = Sending(channel: channel, link: channel.session.link)
        // It was under way for so long that its client has given up the channel, and may have sent it anew.
        guard !sending.isOver else { return true }
        return sendings.updateValue(sending, forKey: "\(id) \(address.exchange) \(address.routingKey)")?.isOver ?? true
    }
}
