internal import CRabbitMQ

/// Owns an `amqp_connection_state_t` and, for TLS, what its handshake callbacks write to.
///
/// Only the thread that made it may use it, from the connect to the end.
@safe
struct LibraryConnection: ~Copyable {
    /// The library's state.
    let state: amqp_connection_state_t
    /// Set for TLS. OpenSSL's context points at it, so that it goes after the state.
    let session: UnsafeMutablePointer<mimi_tls_session>?

    /// - Throws: ``AMQPError/Kind/internalError`` when memory is short.
    init(withTLS: Bool) throws(AMQPError) {
        guard let state = unsafe amqp_new_connection() else {
            throw AMQPError(.internalError, "out of memory")
        }
        unsafe self.state = state
        unsafe session = withTLS ? .allocate(capacity: 1) : nil
        unsafe session?.initialize(to: mimi_tls_session())
    }

    /// Closes the socket as well (`amqp_destroy_connection`), after an attempt at a TLS close that does not wait.
    deinit {
        unsafe amqp_destroy_connection(state)
        unsafe session?.deallocate()
    }

    /// The socket, or -1 when there is none.
    var descriptor: Int32 { unsafe amqp_get_sockfd(state) }
}
