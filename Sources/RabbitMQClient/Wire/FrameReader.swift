internal import CRabbitMQ

/// One frame from the peer, decoded.
package enum IncomingFrame: Sendable {
    /// A method frame.
    case method(channel: UInt16, IncomingMethod)
    /// A content header frame.
    case header(channel: UInt16, ContentHeader)
    /// A body frame of `size` bytes; ``FrameReader/appendBody(to:)`` copies them.
    case body(channel: UInt16, size: Int)
    /// A heartbeat.
    case heartbeat
}

/// Turns incoming bytes into decoded frames. One per connection, owned by its thread.
package struct FrameReader: ~Copyable {
    private var splitter: FrameSplitter
    private let limits: AMQPLimits
    private let pool = MemoryPool()

    /// - Parameters:
    ///   - frameMax: The negotiated frame size, its eight bytes of framing included.
    ///   - channelMax: The highest channel number the peer may use.
    ///   - limits: What content headers may hold; a message over them is refused, the stream goes on.
    package init(frameMax: Int, channelMax: Int, limits: AMQPLimits) {
        splitter = FrameSplitter(frameMax: frameMax, channelMax: channelMax)
        self.limits = limits
    }

    /// Reads once from the transport, at most about `size` bytes.
    package mutating func fill(
        from transport: any Transport, atMost size: Int = 256 << 10
    ) throws(AMQPError) -> TransportRead {
        let space = unsafe UnsafeMutableRawBufferPointer(rebasing: splitter.space(size).prefix(size))
        let result = try unsafe transport.read(into: space)
        if case .bytes(let count) = result { splitter.commit(count) }
        return result
    }

    /// Adds bytes that came by another way.
    package mutating func feed(_ bytes: some Collection<UInt8>) {
        unsafe splitter.space(bytes.count).copyBytes(from: bytes)
        splitter.commit(bytes.count)
    }

    /// The next frame, or nil when no whole frame is there.
    ///
    /// - Throws: ``AMQPError/Kind/protocolViolation``; nothing can be read after that.
    package mutating func next() throws(AMQPError) -> IncomingFrame? {
        guard let frame = try splitter.next() else { return nil }
        let payload = unsafe splitter.payload
        defer { pool.recycle() }
        switch frame.type {
        case .heartbeat: return .heartbeat
        case .body: return .body(channel: frame.channel, size: frame.payloadSize)
        case .method: return try unsafe .method(channel: frame.channel, IncomingMethod(decoding: payload, pool: pool))
        case .header: return try unsafe .header(channel: frame.channel, header(payload))
        }
    }

    /// Copies the bytes of the body frame that ``next()`` gave last to the end of `body`.
    package func appendBody(to body: inout [UInt8]) {
        unsafe body.append(contentsOf: splitter.payload)
    }

    private func header(_ payload: UnsafeRawBufferPointer) throws(AMQPError) -> ContentHeader {
        guard let classID = unsafe payload.integer(UInt16.self, at: 0),
            let bodySize = unsafe payload.integer(UInt64.self, at: 4),
            Int32(classID) == AMQP_BASIC_CLASS
        else { throw AMQPError(.protocolViolation, "the peer sent content of a class other than basic") }
        guard bodySize <= UInt64(limits.maximumBodySize) else {
            let reason = "the body is \(bodySize) bytes long, at most \(limits.maximumBodySize) are taken"
            return ContentHeader(bodySize: bodySize, properties: .refused(reason))
        }
        let encoded = unsafe UnsafeRawBufferPointer(rebasing: payload.dropFirst(12))
        return unsafe ContentHeader(
            bodySize: bodySize,
            properties: ContentHeader.decodeProperties(encoded, limits: limits, pool: pool))
    }
}
