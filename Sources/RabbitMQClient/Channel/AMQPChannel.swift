/// A channel of an ``AMQPConnection``: a handle that may be used from anywhere.
///
/// A channel that was closed, by whomever, stays closed; open another one. Methods are sent one at a time in the order
/// of the calls; each has the connection's method timeout, and one that is not answered in time gives up the channel.
package final class AMQPChannel: Sendable {
    /// What happens to the channel by itself. Ends after `.closed`, which always comes. For one reader.
    package let events: AsyncStream<AMQPChannelEvent>

    let connection: AMQPConnection
    let id: ChannelID

    init(connection: AMQPConnection, id: ChannelID, events: AsyncStream<AMQPChannelEvent>) {
        self.connection = connection
        self.id = id
        self.events = events
    }

    /// Closes the channel (`channel.close`). Verdicts that were given leave before; everything that waits fails with
    /// ``AMQPError/Kind/closed``. Returns when the broker has answered, or after the method timeout.
    package func close() async {
        await withCheckedContinuation { waiter in
            if connection.mailbox.submit(.closeChannel(id, waiter)) != nil { waiter.resume() }
        }
    }

    /// Sends a method and waits for its answer.
    func call(_ method: OutgoingMethod, consumer: Consumer? = nil) async throws(AMQPError) -> RPCAnswer {
        try await withCheckedContinuation { (reply: Resumptions.Reply<RPCAnswer>) in
            let waiter = RPCWaiter(consumer: consumer, reply: reply)
            if let end = connection.mailbox.submit(.call(id, method, waiter)) { reply.resume(returning: .failure(end)) }
        }.get()
    }

    /// What to throw when an answer is not the one that the channel let through; it never is.
    func unexpected(_ answer: RPCAnswer) -> AMQPError {
        AMQPError(.internalError, "the answer does not belong to its method: \(answer)")
    }
}
