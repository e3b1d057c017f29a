/// What a consumer gets (`basic.deliver`), or what `basic.get` answers.
package struct AMQPDelivery: Sendable {
    /// The message, or why there is none.
    package enum Content: Sendable {
        /// A message that was read whole.
        case message(AMQPMessage)
        /// Properties or body were refused: over a limit or undecodable. The frames were drained; the tag can be
        /// acknowledged or rejected as any other.
        case bad(reason: String)
    }

    /// Which consumer it is for; empty for `basic.get`.
    package var consumerTag: String
    /// What to acknowledge or reject.
    package var tag: AMQPDeliveryTag
    /// Whether the broker has delivered the message before, to anyone.
    package var redelivered: Bool
    /// The exchange it was published to; empty for the default exchange.
    package var exchange: String
    /// The routing key it was published with.
    package var routingKey: String
    /// The message itself.
    package var content: Content

    package init(
        consumerTag: String, tag: AMQPDeliveryTag, redelivered: Bool, exchange: String, routingKey: String,
        content: Content
    ) {
        self.consumerTag = consumerTag
        self.tag = tag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.content = content
    }
}

/// Names one delivery on one incarnation of a channel.
package struct AMQPDeliveryTag: Sendable, Hashable {
    /// The broker's delivery tag, counted per opened channel.
    package var number: UInt64
    /// Unique per opened channel in this process, so that a verdict for an earlier incarnation can be told apart.
    package var generation: UInt64

    package init(number: UInt64, generation: UInt64) {
        self.number = number
        self.generation = generation
    }
}
