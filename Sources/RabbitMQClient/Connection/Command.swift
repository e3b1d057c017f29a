/// Names one opened channel. A number is used again after a close, a generation never.
struct ChannelID: Sendable, Hashable {
    let number: UInt16
    let generation: UInt64
}

/// What callers ask of the connection's loop.
///
/// What a message costs is small and of a layout that the compiler knows; the rest, which is rare, is boxed.
enum Command: Sendable {
    indirect case openChannel(ChannelOpening)
    indirect case call(ChannelID, OutgoingMethod, RPCWaiter)
    case publish(ChannelID, PublishRequest, PublishWaiter)
    case cancelPublish(ChannelID, PublishRequest)
    case decide(ChannelID, deliveryTag: UInt64, AMQPVerdict)
    indirect case closeChannel(ChannelID, CheckedContinuation<Void, Never>)
    /// Without a waiter the owner has dropped the connection.
    indirect case close(timeout: Duration, CheckedContinuation<Void, Never>?)
}

/// A channel that is wanted.
struct ChannelOpening: Sendable {
    let generation: UInt64
    let events: AsyncStream<AMQPChannelEvent>.Continuation
    let waiter: Resumptions.Reply<UInt16>
}

/// Who waits for the answer to a method.
struct RPCWaiter: Sendable {
    /// For `basic.consume`: who gets the deliveries.
    let consumer: Consumer?
    let reply: Resumptions.Reply<RPCAnswer>
}

/// Who gets the deliveries of one consumer tag.
struct Consumer: Sendable {
    let tag: String
    let noAck: Bool
    let onDelivery: @Sendable (AMQPDelivery) -> Void
    let onCancel: @Sendable () -> Void
}
