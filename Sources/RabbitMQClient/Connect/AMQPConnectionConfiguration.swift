/// Everything needed to open a connection.
package struct AMQPConnectionConfiguration: Sendable {
    /// The brokers, tried in this order.
    package var endpoints: [AMQPEndpoint]
    /// The virtual host. Default `/`.
    package var virtualHost: String
    /// How to log in. Default `guest`, which RabbitMQ takes from its own machine only.
    package var credentials: AMQPCredentials
    /// Nil means no TLS.
    package var tls: AMQPTLSConfiguration?
    /// The interval to ask for, in whole seconds; the broker may want a shorter one. Zero turns heartbeats off.
    /// Default 10 s.
    package var heartbeat: Duration
    /// The limit for one endpoint: name, TCP, TLS and login together. Default 5 s.
    package var connectTimeout: Duration
    /// The limit for one method's answer. Default 15 s.
    package var methodTimeout: Duration
    /// What the broker's tools show (`connection_name`).
    package var connectionName: String?
    /// Bounds on what is taken in and kept outstanding.
    package var limits: AMQPLimits
    /// The frame size to ask for, in bytes; clamped to 4 KiB to 1 MiB. Default 128 KiB.
    package var frameMax: Int
    /// The highest channel number to ask for; clamped to 1 to 65535. Default 2047.
    package var channelMax: Int

    package init(
        endpoints: [AMQPEndpoint], virtualHost: String = "/",
        credentials: AMQPCredentials = .plain(username: "guest", password: "guest"), tls: AMQPTLSConfiguration? = nil,
        heartbeat: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
        methodTimeout: Duration = .seconds(15), connectionName: String? = nil, limits: AMQPLimits = AMQPLimits(),
        frameMax: Int = 128 << 10, channelMax: Int = 2047
    ) {
        self.endpoints = endpoints
        self.virtualHost = virtualHost
        self.credentials = credentials
        self.tls = tls
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.methodTimeout = methodTimeout
        self.connectionName = connectionName
        self.limits = limits
        self.frameMax = frameMax
        self.channelMax = channelMax
    }
}
