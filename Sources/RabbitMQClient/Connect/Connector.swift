internal import CRabbitMQ

/// Makes connections: name, TCP, TLS, login, and then the socket is ours.
///
/// Everything here blocks, at most the connect timeout; the connection's own thread calls it. That thread needs a stack
/// of 8 MiB: the library before 0.14 decodes the broker's first table recursively.
package struct Connector: Sendable {
    private let configuration: AMQPConnectionConfiguration

    package init(_ configuration: AMQPConnectionConfiguration) {
        self.configuration = configuration
    }

    /// Connects to the broker at the endpoint, each of its addresses in turn, and logs in.
    ///
    /// - Throws: ``AMQPError`` of the kinds `connectFailed`, `tls`, `authentication`, `virtualHost`, `closedByBroker`,
    ///   `protocolViolation`, `connectionLost` or `internalError`; no text holds a secret.
    package func connect(to endpoint: AMQPEndpoint) throws(AMQPError) -> EstablishedConnection {
        let deadline = Deadline(after: configuration.connectTimeout)
        return try connect(to: Resolver.addresses(of: endpoint, deadline: deadline), of: endpoint, deadline: deadline)
    }

    /// The same with the addresses of the endpoint.
    func connect(
        to addresses: [SocketAddress], of endpoint: AMQPEndpoint, deadline: Deadline
    ) throws(AMQPError) -> EstablishedConnection {
        let parameters = try LoginParameters(configuration)
        var failure = AMQPError(.connectFailed, "\(endpoint): the name has no address")
        for (index, address) in addresses.enumerated() {
            do {
                // An address that does not answer, or hangs up, must leave time for the next one.
                let share = deadline.share(of: addresses.count - index)
                let connection = try open(address, of: endpoint, deadline: share)
                return try Login(parameters: parameters, endpoint: endpoint, deadline: share).run(on: connection)
            } catch  where error.kind == .connectFailed || error.kind == .connectionLost {
                failure = error
            }
        }
        throw failure
    }

    private func open(
        _ address: SocketAddress, of endpoint: AMQPEndpoint, deadline: Deadline
    ) throws(AMQPError) -> LibraryConnection {
        if let tls = configuration.tls {
            return try TLSOpening(configuration: tls, endpoint: endpoint).open(address, deadline: deadline)
        }
        let connection = try LibraryConnection(withTLS: false)
        let tcp = try TCPSocket(connectingTo: address, of: endpoint, deadline: deadline)
        guard let socket = unsafe amqp_tcp_socket_new(connection.state) else {
            throw AMQPError(.internalError, "out of memory")
        }
        unsafe amqp_tcp_socket_set_sockfd(socket, tcp.take())
        return connection
    }
}
