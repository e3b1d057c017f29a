internal import CRabbitMQ

/// Collects encoded frames until the transport takes them. One per connection, owned by its thread.
///
/// What cannot be encoded leaves no trace: the writer is then as it was before the call.
package struct FrameWriter: ~Copyable {
    /// Bodies above this many bytes are handed out frame by frame.
    package static let largeBody = 64 << 10

    /// A place in the output to roll back to.
    package struct Mark: Sendable {
        fileprivate let position: UInt64
    }

    private var region = ByteRegion(capacity: 64 << 10)
    /// How many bytes the transport has taken so far; makes marks independent of it.
    private var taken: UInt64 = 0
    private let pool = MemoryPool()
    private let frameMax: Int

    /// - Parameter frameMax: The negotiated frame size, its eight bytes of framing included.
    package init(frameMax: Int) {
        self.frameMax = frameMax
    }

    /// Bytes that wait for the transport.
    package var count: Int { region.count }

    /// Adds a method frame.
    ///
    /// - Throws: ``AMQPError/Kind/invalidMessage`` when a name or a table cannot be encoded.
    package mutating func append(_ method: OutgoingMethod, channel: UInt16) throws(AMQPError) {
        defer { pool.recycle() }
        let space = unsafe payloadSpace()
        let size = try unsafe method.encode(into: space, pool: pool)
        finishFrame(.method, channel: channel, size: size)
    }

    /// Adds a method that the library has decoded.
    mutating func append(_ method: amqp_method_t, channel: UInt16) throws(AMQPError) {
        let size = try unsafe writeMethod(method.id, method.decoded, into: payloadSpace())
        finishFrame(.method, channel: channel, size: size)
    }

    /// Adds a heartbeat frame.
    package mutating func appendHeartbeat() {
        _ = unsafe payloadSpace()
        finishFrame(.heartbeat, channel: 0, size: 0)
    }

    /// Adds `basic.publish` with its content header and its body frames.
    ///
    /// - Returns: The body, when it is over ``largeBody`` bytes: then only method and header were added, and the
    ///   caller adds the rest with ``appendNextFrame(of:)``.
    /// - Throws: ``AMQPError/Kind/invalidMessage`` when a name, a property or the headers cannot be encoded.
    package mutating func append(
        publish message: AMQPMessage, exchange: String, routingKey: String, mandatory: Bool, channel: UInt16
    ) throws(AMQPError) -> OutgoingBody? {
        let start = mark
        defer { pool.recycle() }
        do {
            try appendMethod(exchange: exchange, routingKey: routingKey, mandatory: mandatory, channel: channel)
            try appendHeader(message, channel: channel)
        } catch {
            rollBack(to: start)
            throw error
        }
        var body = OutgoingBody(channel: channel, bytes: message.body)
        guard body.remaining <= Self.largeBody else { return body }
        while body.remaining > 0 { appendNextFrame(of: &body) }
        return nil
    }

    /// Adds the next frame of a large body, as much of it as one frame holds. The body is out when none remains.
    package mutating func appendNextFrame(of body: inout OutgoingBody) {
        let size = min(body.remaining, frameMax - FrameType.overhead)
        guard size > 0 else { return }
        let space = unsafe region.space(size + FrameType.overhead)
        unsafe body.bytes.withUnsafeBytes { bytes in
            let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[body.sent..<(body.sent + size)])
            unsafe UnsafeMutableRawBufferPointer(rebasing: space.dropFirst(FrameType.headerSize)).copyMemory(
                from: slice)
        }
        finishFrame(.body, channel: body.channel, size: size)
        body.advance(size)
    }

    /// The end of what was added so far.
    package var mark: Mark { Mark(position: taken + UInt64(region.count)) }

    /// Forgets what was added since the mark. Only for what has not been offered to the transport yet.
    package mutating func rollBack(to mark: Mark) {
        precondition(mark.position >= taken, "the transport has taken bytes from behind the mark")
        region.truncate(to: Int(mark.position - taken))
    }

    /// Offers everything to the transport in one write.
    package mutating func drain(into transport: any Transport) throws(AMQPError) -> TransportWrite {
        let result = try unsafe transport.write(region.bytes)
        if case .bytes(let count) = result {
            region.consume(count)
            taken += UInt64(count)
        }
        return result
    }

    /// A copy of the bytes that wait for the transport.
    package var pendingBytes: [UInt8] { unsafe [UInt8](region.bytes) }

    private mutating func appendMethod(
        exchange: String, routingKey: String, mandatory: Bool, channel: UInt16
    ) throws(AMQPError) {
        var method = try unsafe amqp_basic_publish_t(
            ticket: 0, exchange: pool.shortString(exchange, "exchange name"),
            routing_key: pool.shortString(routingKey, "routing key"), mandatory: flag(mandatory), immediate: 0)
        let size = try unsafe write(AMQP_BASIC_PUBLISH_METHOD, &method, into: payloadSpace())
        finishFrame(.method, channel: channel, size: size)
    }

    private mutating func appendHeader(_ message: AMQPMessage, channel: UInt16) throws(AMQPError) {
        let space = unsafe payloadSpace()
        unsafe space.storeBytes(of: UInt16(AMQP_BASIC_CLASS).bigEndian, as: UInt16.self)
        unsafe space.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
        unsafe space.storeBytes(of: UInt64(message.body.count).bigEndian, toByteOffset: 4, as: UInt64.self)
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: space.dropFirst(12))
        let size = try unsafe message.properties.encode(into: rest, pool: pool)
        finishFrame(.header, channel: channel, size: 12 + size)
    }

    /// Room for the largest payload, behind the room for a frame's first seven bytes.
    private mutating func payloadSpace() -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            rebasing: region.space(frameMax).dropFirst(FrameType.headerSize).prefix(frameMax - FrameType.overhead))
    }

    /// Puts type, channel, size and end octet around a payload that lies in the free space.
    private mutating func finishFrame(_ type: FrameType, channel: UInt16, size: Int) {
        let space = unsafe region.space(size + FrameType.overhead)
        unsafe space.storeBytes(of: type.rawValue, as: UInt8.self)
        unsafe space.storeBytes(of: channel.bigEndian, toByteOffset: 1, as: UInt16.self)
        unsafe space.storeBytes(of: UInt32(size).bigEndian, toByteOffset: 3, as: UInt32.self)
        unsafe space.storeBytes(of: FrameType.end, toByteOffset: FrameType.headerSize + size, as: UInt8.self)
        region.commit(size + FrameType.overhead)
    }
}
