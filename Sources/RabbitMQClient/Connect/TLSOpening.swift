internal import CRabbitMQ

/// Has the library connect and shake hands, with verification set up so that OpenSSL does all of it in the handshake.
struct TLSOpening {
    let configuration: AMQPTLSConfiguration
    let endpoint: AMQPEndpoint

    /// Connects to the address and completes the handshake.
    ///
    /// - Throws: ``AMQPError/Kind/tls`` when a file or a certificate is refused, ``AMQPError/Kind/connectFailed`` when
    ///   there is no connection or the deadline passes, ``AMQPError/Kind/connectionLost`` when the handshake is cut.
    func open(_ address: SocketAddress, deadline: Deadline) throws(AMQPError) -> LibraryConnection {
        guard let host = address.numericHost else {
            throw AMQPError(.internalError, "\(endpoint): an address that has no digits")
        }
        let connection = try LibraryConnection(withTLS: true)
        ERR_clear_error()
        guard let socket = unsafe amqp_ssl_socket_new(connection.state), let session = unsafe connection.session else {
            throw failed("no TLS socket: \(TLSError.take()?.text ?? "out of memory")")
        }
        try unsafe trust(socket)
        try unsafe identify(socket)
        try unsafe verify(socket, session)
        var timeout = deadline.remaining.asTimeval
        let status = unsafe amqp_socket_open_noblock(socket, host, Int32(endpoint.port), &timeout)
        guard status != AMQP_STATUS_OK.rawValue else { return connection }
        try unsafe explain(status, session.pointee.verify_error, address: address, deadline: deadline)
    }

    /// The name or address that the certificate must bear.
    private var expectedName: String { configuration.serverName ?? endpoint.host }

    private func trust(_ socket: OpaquePointer) throws(AMQPError) {
        guard let file = configuration.caFile else {
            guard unsafe mimi_tls_trust_system(socket) == 1 else {
                throw failed("the system's authorities cannot be loaded: \(TLSError.take()?.text ?? "unknown reason")")
            }
            return
        }
        try check(file: file, "CA")
        guard unsafe amqp_ssl_socket_set_cacert(socket, file) == AMQP_STATUS_OK.rawValue else {
            throw failed("the CA file cannot be used: \(TLSError.take()?.text ?? "unknown reason")")
        }
    }

    private func identify(_ socket: OpaquePointer) throws(AMQPError) {
        guard let certificate = configuration.certificateFile, let key = configuration.keyFile else {
            guard configuration.certificateFile == nil, configuration.keyFile == nil else {
                throw failed("a client certificate needs its key, and a key its certificate")
            }
            return
        }
        try check(file: certificate, "certificate")
        try check(file: key, "key")
        let passphrase = configuration.keyPassphrase ?? ""
        guard !passphrase.utf8.contains(0) else { throw failed("the key's pass phrase holds NUL") }
        guard unsafe mimi_tls_use_key(socket, certificate, key, passphrase) == AMQP_STATUS_OK.rawValue else {
            throw failed(
                "the client certificate or its key cannot be used: \(TLSError.take()?.text ?? "unknown reason")")
        }
    }

    private func verify(
        _ socket: OpaquePointer, _ session: UnsafeMutablePointer<mimi_tls_session>
    ) throws(AMQPError) {
        let name = expectedName
        let isAddress = Resolver.isAddress(name)
        guard !name.isEmpty, !name.utf8.contains(0), name.utf8.count <= 255 else {
            throw failed("the server name is empty, holds NUL or is over 255 bytes long")
        }
        unsafe session.pointee.verify_peer = flag(configuration.verifyPeer)
        if !isAddress {
            // One byte shorter than the field, which came zeroed: a C string.
            unsafe withUnsafeMutableBytes(of: &session.pointee.server_name) { unsafe $0.copyBytes(from: name.utf8) }
        }
        let expected = configuration.verifyHostname ? name : nil
        guard unsafe mimi_tls_prepare(socket, session, expected, flag(isAddress)) == 1 else {
            throw failed("verification cannot be set up: \(TLSError.take()?.text ?? "unknown reason")")
        }
    }

    private func explain(
        _ status: Int32, _ verifyError: Int, address: SocketAddress, deadline: Deadline
    ) throws(AMQPError) -> Never {
        let failure = LibraryFailure(endpoint: endpoint, stage: .tls)
        if verifyError != X509_V_OK {
            ERR_clear_error()
            throw failure.refusedCertificate(verifyError, expected: expectedName)
        }
        if status == AMQP_STATUS_SOCKET_ERROR.rawValue {
            // The library loses the system's reason. A connect of our own finds it, unless the trouble has passed.
            _ = try TCPSocket(connectingTo: address, of: endpoint, deadline: deadline)
            throw AMQPError(.connectFailed, "\(endpoint): no connection")
        }
        throw failure.error(status: status, detail: TLSError.take())
    }

    private func check(file: String, _ what: String) throws(AMQPError) {
        guard !file.isEmpty, !file.utf8.contains(0) else {
            throw failed("the \(what) file's name is empty or holds NUL")
        }
    }

    private func failed(_ text: String) -> AMQPError { AMQPError(.tls, "\(endpoint): \(text)") }
}
