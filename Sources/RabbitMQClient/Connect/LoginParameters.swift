internal import CRabbitMQ

/// What the login sends, checked and clamped.
struct LoginParameters {
    let virtualHost: String
    let credentials: AMQPCredentials
    let channelMax: Int32
    let frameMax: Int32
    /// Whole seconds, rounded up; zero is off.
    let heartbeat: Int32
    let clientProperties: AMQPFieldTable

    /// - Throws: ``AMQPError/Kind/authentication`` or ``AMQPError/Kind/virtualHost`` for what the C library or the
    ///   protocol cannot carry; the texts never repeat it.
    init(_ configuration: AMQPConnectionConfiguration) throws(AMQPError) {
        virtualHost = configuration.virtualHost
        guard !virtualHost.utf8.contains(0), virtualHost.utf8.count <= 255 else {
            throw AMQPError(.virtualHost, "the virtual host's name holds NUL or is over 255 bytes long")
        }
        credentials = configuration.credentials
        if case .plain(let username, let password) = credentials {
            // The library takes C strings: what follows a NUL would be cut off silently.
            guard !username.utf8.contains(0), !password.utf8.contains(0) else {
                throw AMQPError(.authentication, "user name or password holds NUL")
            }
            guard username.utf8.count + password.utf8.count <= 16 << 10 else {
                throw AMQPError(.authentication, "user name and password together are over 16 KiB long")
            }
        }
        channelMax = Int32(min(max(configuration.channelMax, 1), 65535))
        frameMax = Int32(min(max(configuration.frameMax, 4096), 1 << 20))
        let (seconds, attoseconds) = max(.zero, configuration.heartbeat).components
        heartbeat = Int32(min(seconds, 65534)) + (attoseconds > 0 ? 1 : 0)
        clientProperties = Self.properties(connectionName: configuration.connectionName)
    }

    /// Without the capabilities the broker stays silent about cancelled consumers and alarms. The library adds two of
    /// its own, `authentication_failure_close` and `exchange_exchange_bindings`, when they are missing.
    private static func properties(connectionName: String?) -> AMQPFieldTable {
        var properties: AMQPFieldTable = [
            "product": "mimi-messaging",
            "version": "0.1.0",
            "platform": .string("Swift, librabbitmq \(unsafe String(cString: amqp_version()))"),
            "capabilities": .table([
                "publisher_confirms": true, "basic.nack": true, "consumer_cancel_notify": true,
                "connection.blocked": true, "authentication_failure_close": true, "exchange_exchange_bindings": true,
            ]),
        ]
        if let connectionName { properties["connection_name"] = .string(connectionName) }
        return properties
    }
}
