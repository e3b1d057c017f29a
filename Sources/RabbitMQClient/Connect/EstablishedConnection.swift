/// A connection after the login: what was agreed, and the stream that is ours from here on.
package struct EstablishedConnection {
    /// The stream.
    package let transport: any Transport
    /// The agreed frame size in bytes, its eight bytes of framing included.
    package let frameMax: Int
    /// The highest channel number, at least 1.
    package let channelMax: Int
    /// The agreed interval; zero when heartbeats are off.
    package let heartbeat: Duration
    /// What the broker told about itself (`server-properties`).
    package let serverProperties: AMQPFieldTable
    /// The broker that answered.
    package let endpoint: AMQPEndpoint
    /// Whole frames that the broker sent behind the login and that were read with it; to be fed to the
    /// ``FrameReader`` before anything else. Usually empty.
    package let unread: [UInt8]

    package init(
        transport: any Transport, frameMax: Int, channelMax: Int, heartbeat: Duration,
        serverProperties: AMQPFieldTable, endpoint: AMQPEndpoint,
        unread: [UInt8] = []
    ) {
        self.transport = transport
        self.frameMax = frameMax
        self.channelMax = channelMax
        self.heartbeat = heartbeat
        self.serverProperties = serverProperties
        self.endpoint = endpoint
        self.unread = unread
    }
}
