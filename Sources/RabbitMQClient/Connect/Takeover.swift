internal import CRabbitMQ

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Empties the library after the login, so that the socket can be used without it.
struct Takeover {
    let endpoint: AMQPEndpoint
    let deadline: Deadline

    /// Re-encodes what the library had read beyond the login. Usually that is nothing and costs no system call.
    ///
    /// - Throws: What ended the connection meanwhile; ``AMQPError/Kind/connectFailed`` when a frame that has begun does
    ///   not end before the deadline.
    func drain(_ connection: borrowing LibraryConnection) throws(AMQPError) -> [UInt8] {
        var writer = FrameWriter(frameMax: 1 << 20)
        while unsafe amqp_release_buffers_ok(connection.state) == 0 || amqp_data_in_buffer(connection.state) != 0 {
            var frame = unsafe amqp_frame_t()
            // Never a longer wait: the library swallows heartbeats and would go on waiting for another frame.
            var wait = timeval()
            let status = unsafe amqp_simple_wait_frame_noblock(connection.state, &frame, &wait)
            switch amqp_status_enum(rawValue: status) {
            case AMQP_STATUS_OK:
                guard unsafe Int32(frame.frame_type) == AMQP_FRAME_METHOD else {
                    throw AMQPError(.protocolViolation, "\(endpoint): the peer sent content before a channel was open")
                }
                try unsafe writer.append(frame.payload.method, channel: frame.channel)
                unsafe amqp_maybe_release_buffers(connection.state)
            case AMQP_STATUS_TIMEOUT where !deadline.isOver:
                // Part of a frame is there.
                var entry = pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&entry, 1, deadline.remaining.pollMilliseconds)
            default:
                throw LibraryFailure(endpoint: endpoint, stage: .login).error(status: status, detail: TLSError.take())
            }
        }
        return writer.pendingBytes
    }

    /// Switches the library's own timers off: it would send heartbeats into the middle of our frames.
    func silence(_ connection: borrowing LibraryConnection, channelMax: Int, frameMax: Int) throws(AMQPError) {
        let status = unsafe amqp_tune_connection(connection.state, Int32(channelMax), Int32(frameMax), 0)
        guard status == AMQP_STATUS_OK.rawValue else {
            throw LibraryFailure(endpoint: endpoint, stage: .login).error(status: status, detail: nil)
        }
    }
}
