internal import CRabbitMQ

/// The five steps from the protocol header to `connection.open-ok`, done by the library, and the takeover after them.
struct Login {
    let parameters: LoginParameters
    let endpoint: AMQPEndpoint
    let deadline: Deadline

    /// Logs in and takes the stream over.
    func run(on connection: consuming LibraryConnection) throws(AMQPError) -> EstablishedConnection {
        var timeout = deadline.remaining.asTimeval
        let status = unsafe amqp_set_handshake_timeout(connection.state, &timeout)
        guard status == AMQP_STATUS_OK.rawValue else {
            throw failure.error(status: status, detail: nil)
        }
        ERR_clear_error()
        try unsafe check(login(connection.state))
        return try establish(connection)
    }

    private var failure: LibraryFailure { LibraryFailure(endpoint: endpoint, stage: .login) }

    private func login(_ state: amqp_connection_state_t) throws(AMQPError) -> amqp_rpc_reply_t {
        let pool = MemoryPool()
        var properties = try unsafe pool.table(parameters.clientProperties)
        return switch parameters.credentials {
        case .plain(let username, let password):
            unsafe mimi_login_plain(
                state, parameters.virtualHost, parameters.channelMax, parameters.frameMax, parameters.heartbeat,
                &properties, username, password)
        case .external:
            unsafe mimi_login_external(
                state, parameters.virtualHost, parameters.channelMax, parameters.frameMax, parameters.heartbeat,
                &properties)
        }
    }

    private func check(_ reply: amqp_rpc_reply_t) throws(AMQPError) {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard unsafe reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let decoded = unsafe reply.reply.decoded else {
                throw failure.error(status: AMQP_STATUS_WRONG_METHOD.rawValue, detail: nil)
            }
            let close = unsafe decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            throw unsafe failure.error(
                replyCode: close.reply_code, replyText: String(repairing: close.reply_text), classID: close.class_id,
                methodID: close.method_id)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            throw unsafe failure.error(status: reply.library_error, detail: TLSError.take())
        default:
            throw failure.error(status: AMQP_STATUS_CONNECTION_CLOSED.rawValue, detail: TLSError.take())
        }
    }

    private func establish(_ connection: consuming LibraryConnection) throws(AMQPError) -> EstablishedConnection {
        let takeover = Takeover(endpoint: endpoint, deadline: deadline)
        let unread = try takeover.drain(connection)
        let frameMax = unsafe Int(amqp_get_frame_max(connection.state))
        let channelMax = unsafe Int(amqp_get_channel_max(connection.state))
        let heartbeat = unsafe Int(amqp_get_heartbeat(connection.state))
        guard frameMax >= AMQP_FRAME_MIN_SIZE, frameMax <= Int(parameters.frameMax) else {
            throw AMQPError(.protocolViolation, "\(endpoint): the broker wants frames of \(frameMax) bytes")
        }
        let agreedChannelMax = channelMax == 0 ? Int(parameters.channelMax) : channelMax
        try takeover.silence(connection, channelMax: agreedChannelMax, frameMax: frameMax)
        let server = unsafe amqp_get_server_properties(connection.state)
        let serverProperties = unsafe server.map { unsafe AMQPFieldTable(copying: $0.pointee, depth: 8) } ?? [:]
        let transport: any Transport
        if unsafe connection.session == nil {
            transport = PlainTransport(connection)
        } else if let secured = TLSTransport(connection) {
            transport = secured
        } else {
            throw AMQPError(.internalError, "\(endpoint): the TLS handshake was not seen")
        }
        return EstablishedConnection(
            transport: transport, frameMax: frameMax, channelMax: agreedChannelMax, heartbeat: .seconds(heartbeat),
            serverProperties: serverProperties, endpoint: endpoint, unread: unread)
    }
}
