package import Logging

extension AMQPConnection {
    /// A connection without a thread: whoever makes it drives its loop, under a time of his own.
    ///
    /// - Parameters:
    ///   - established: The connection after the login.
    ///   - configuration: Limits and time limits.
    ///   - logger: Where the connection logs.
    ///   - now: What time it is.
    ///   - wakeUp: Called when a command comes while the driver waits.
    /// - Returns: The handle, and the loop behind it.
    package static func driven(
        _ established: EstablishedConnection, configuration: AMQPConnectionConfiguration, logger: Logger,
        now: MonotonicInstant, wakeUp: @escaping @Sendable () -> Void
    ) -> (connection: AMQPConnection, loop: ConnectionLoop) {
        let mailbox = Mailbox(wakeUp: wakeUp)
        let (events, continuation) = AsyncStream.makeStream(of: AMQPConnectionEvent.self)
        let loop = ConnectionLoop(
            established, configuration: configuration, mailbox: mailbox, events: continuation, logger: logger, now: now)
        let connection = AMQPConnection(
            serverProperties: established.serverProperties, endpoint: established.endpoint,
            frameMax: established.frameMax, events: events, mailbox: mailbox,
            maximumBodySize: configuration.limits.maximumBodySize, thread: nil)
        return (connection, loop)
    }
}
