import Synchronization

/// One connection to a broker, owned and driven by a thread of its own.
///
/// This is a handle: what it asks for goes to the thread's loop through a mailbox, and nothing but that loop can reach the
/// connection's state. The connection lives until it is closed or lost; it closes itself when its handle and the
/// handles of all its channels are gone.
package final class AMQPConnection: Sendable {
    /// What the broker said about itself at the login.
    package let serverProperties: AMQPFieldTable
    /// The broker that answered.
    package let endpoint: AMQPEndpoint
    /// The agreed frame size in bytes.
    package let frameMax: Int
    /// When the broker's certificate ends, in seconds since 1970; nil without TLS.
    package let certificateEnd: Int?
    /// What happens to the connection by itself. Ends after `.closed`, which always comes. For one reader.
    package let events: AsyncStream<AMQPConnectionEvent>

    let mailbox: Mailbox
    let maximumBodySize: Int
    /// Nil when somebody else drives the loop.
    private let thread: NativeThread?

    /// Numbers all channels that are opened in this process.
    private static let generations = Atomic<UInt64>(1)

    init(
        serverProperties: AMQPFieldTable, endpoint: AMQPEndpoint, frameMax: Int, certificateEnd: Int? = nil,
        events: AsyncStream<AMQPConnectionEvent>, mailbox: Mailbox, maximumBodySize: Int, thread: NativeThread?
    ) {
        self.serverProperties = serverProperties
        self.endpoint = endpoint
        self.frameMax = frameMax
        self.certificateEnd = certificateEnd
        self.events = events
        self.mailbox = mailbox
        self.maximumBodySize = maximumBodySize
        self.thread = thread
    }

    deinit { _ = mailbox.submit(.close(timeout: .seconds(5), nil)) }

    /// Opens a channel (`channel.open`).
    ///
    /// - Throws: ``AMQPError/Kind/timeout`` after the method timeout, ``AMQPError/Kind/internalError`` when all channel
    ///   numbers are in use, or why the connection has ended.
    package func openChannel() async throws(AMQPError) -> AMQPChannel {
        let (events, continuation) = AsyncStream.makeStream(of: AMQPChannelEvent.self)
        let generation = Self.generations.wrappingAdd(1, ordering: .relaxed).newValue
        let number = try await withCheckedContinuation { (waiter: Resumptions.Reply<UInt16>) in
            let opening = ChannelOpening(generation: generation, events: continuation, waiter: waiter)
            if let end = mailbox.submit(.openChannel(opening)) { waiter.resume(returning: .failure(end)) }
        }.get()
        return AMQPChannel(connection: self, id: ChannelID(number: number, generation: generation), events: events)
    }

    /// Closes the connection (`connection.close`) and waits until its thread has ended.
    ///
    /// What waits on its channels fails with ``AMQPError/Kind/closed``. May be called more than once, and after a loss.
    ///
    /// - Parameter timeout: how long the broker may take to answer before the socket is dropped. Default 5 s. While
    ///   the broker blocks the connection it would not answer, and is not waited for.
    package func close(timeout: Duration = .seconds(5)) async {
        await withCheckedContinuation { waiter in
            if mailbox.submit(.close(timeout: timeout, waiter)) != nil { waiter.resume() }
        }
        thread?.join()
    }
}
