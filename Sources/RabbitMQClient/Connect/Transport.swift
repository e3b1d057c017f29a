/// What one read from a ``Transport`` gave.
package enum TransportRead: Sendable, Equatable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now. `needsWrite`: TLS has to write before it can go on reading, so wait for output as well.
    case wouldBlock(needsWrite: Bool)
    /// The peer ended the stream.
    case end
}

/// What one write to a ``Transport`` did.
package enum TransportWrite: Sendable, Equatable {
    /// So many bytes were taken, at least one.
    case bytes(Int)
    /// None now. `needsRead`: TLS has to read before it can go on writing, so wait for input as well.
    case wouldBlock(needsRead: Bool)
}

/// One established, non-blocking byte stream after the login. Used by one thread at a time.
package protocol Transport: AnyObject {
    /// For `poll(2)`; nil for a transport in memory.
    var fileDescriptor: Int32? { get }

    /// One `recv`, if the last one may have left something, or one `SSL_read`, which gives at most one record: read again
    /// until `.wouldBlock`.
    ///
    /// - Throws: ``AMQPError/Kind/connectionLost`` when the stream broke.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> TransportRead

    /// One `send`, or one `SSL_write`. After `.wouldBlock` the next call must offer the same bytes again, at any
    /// address, with more behind them or not: TLS has begun to encrypt them.
    ///
    /// - Throws: ``AMQPError/Kind/connectionLost`` when the stream broke.
    func write(_ buffer: UnsafeRawBufferPointer) throws(AMQPError) -> TransportWrite

    /// Drops the stream; the descriptor is closed when this returns. May be called more than once.
    func close()
}
