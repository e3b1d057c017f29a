/// What happens to a channel by itself.
package enum AMQPChannelEvent: Sendable {
    /// The channel is gone: closed by the broker (`channel.close`), given up after a timeout, closed by ourselves, or
    /// lost with its connection. Comes once, as the last event.
    case closed(AMQPError)
}
