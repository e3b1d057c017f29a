/// What happens to a connection by itself.
package enum AMQPConnectionEvent: Sendable {
    /// The broker has stopped reading from this connection (`connection.blocked`); publishes wait.
    case blocked(reason: String)
    /// It reads again (`connection.unblocked`).
    case unblocked
    /// The connection has ended. Comes once, as the last event.
    case closed(AMQPError)
}
