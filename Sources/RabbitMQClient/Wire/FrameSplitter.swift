/// The kinds of frame in AMQP 0-9-1.
enum FrameType: UInt8 {
    case method = 1
    case header = 2
    case body = 3
    case heartbeat = 8

    /// The octet that ends every frame.
    static let end: UInt8 = 206
    /// Bytes in front of a payload: type, channel, size.
    static let headerSize = 7
    /// Bytes around a payload.
    static let overhead = 8
}

/// Cuts an incoming stream of bytes into frames and checks their outside.
///
/// Memory grows with what has arrived, never with what a peer announces.
struct FrameSplitter: ~Copyable {
    /// A whole frame at the front of the region.
    struct Frame {
        let type: FrameType
        let channel: UInt16
        let payloadSize: Int
    }

    private var region = ByteRegion(capacity: 64 << 10)
    private var current: Frame?
    private let frameMax: Int
    private let channelMax: Int

    init(frameMax: Int, channelMax: Int) {
        self.frameMax = frameMax
        self.channelMax = channelMax
    }

    /// Free space for more bytes.
    mutating func space(_ minimum: Int) -> UnsafeMutableRawBufferPointer {
        dropCurrent()
        return unsafe region.space(minimum)
    }

    /// Takes over bytes that were put into the space.
    mutating func commit(_ count: Int) { region.commit(count) }

    /// Steps to the next frame, if it is there in full. The one before it is gone then.
    ///
    /// - Throws: ``AMQPError/Kind/protocolViolation``; nothing can be read after that.
    mutating func next() throws(AMQPError) -> Frame? {
        dropCurrent()
        let bytes = unsafe region.bytes
        guard let first = unsafe bytes.first else { return nil }
        guard let type = FrameType(rawValue: first) else {
            throw AMQPError(
                .protocolViolation,
                first == UInt8(ascii: "A")
                    ? "the peer does not speak AMQP 0-9-1" : "the peer sent a frame of unknown type \(first)")
        }
        guard let channel = unsafe bytes.integer(UInt16.self, at: 1),
            let size = unsafe bytes.integer(UInt32.self, at: 3)
        else { return nil }
        try check(type, channel, Int(size))
        guard bytes.count >= Int(size) + FrameType.overhead else { return nil }
        guard unsafe bytes[FrameType.headerSize + Int(size)] == FrameType.end else {
            throw AMQPError(.protocolViolation, "the peer sent a frame without its end octet")
        }
        current = Frame(type: type, channel: channel, payloadSize: Int(size))
        return current
    }

    /// The payload of the frame that `next()` gave last. Valid until the splitter is changed.
    var payload: UnsafeRawBufferPointer {
        let size = current?.payloadSize ?? 0
        return unsafe UnsafeRawBufferPointer(rebasing: region.bytes.dropFirst(FrameType.headerSize).prefix(size))
    }

    private mutating func dropCurrent() {
        guard let frame = current else { return }
        region.consume(frame.payloadSize + FrameType.overhead)
        current = nil
    }

    private func check(_ type: FrameType, _ channel: UInt16, _ size: Int) throws(AMQPError) {
        guard size <= frameMax - FrameType.overhead else {
            throw AMQPError(
                .protocolViolation, "the peer announced a frame of \(size) bytes; \(frameMax) is the agreed maximum")
        }
        guard Int(channel) <= channelMax else {
            throw AMQPError(
                .protocolViolation, "the peer sent a frame on channel \(channel); \(channelMax) is the agreed maximum")
        }
        let isRightPlace =
            switch type {
            case .method: size >= 4
            case .header: channel != 0 && size >= ContentHeader.minimumSize
            case .body: channel != 0
            case .heartbeat: channel == 0
            }
        guard isRightPlace else {
            throw AMQPError(.protocolViolation, "the peer sent a \(type) frame of \(size) bytes on channel \(channel)")
        }
    }
}

extension ContentHeader {
    /// Class, weight, body size and property flags.
    static let minimumSize = 14
}
