/// A publish on its way, for whoever may give it up.
package struct AMQPPublish: Sendable {
    let channel: AMQPChannel
    let request: PublishRequest

    /// Gives it up: it ends with `CancellationError` if it is not over. The broker may have the message.
    package func cancel() { _ = channel.connection.mailbox.submit(.cancelPublish(channel.id, request)) }
}
