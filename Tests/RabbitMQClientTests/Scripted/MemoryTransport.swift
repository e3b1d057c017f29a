@testable import RabbitMQClient

/// A byte stream in memory, whose other end a test holds.
final class MemoryTransport: Transport {
    let fileDescriptor: Int32? = nil

    /// What the client will read.
    var incoming: [UInt8] = []
    /// What the client wrote.
    var outgoing: [UInt8] = []
    /// How many bytes the client may still write before the transport would block.
    var room = Int.max
    /// Whether the stream ends, or breaks, behind `incoming`.
    var hasEnded = false
    var readFailure: AMQPError?
    var writeFailure: AMQPError?
    private(set) var isClosed = false

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> TransportRead {
        guard !incoming.isEmpty else {
            if let readFailure { throw readFailure }
            return hasEnded ? .end : .wouldBlock(needsWrite: false)
        }
        let count = min(buffer.count, incoming.count)
        unsafe buffer.copyBytes(from: incoming[..<count])
        incoming.removeFirst(count)
        return .bytes(count)
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(AMQPError) -> TransportWrite {
        if let writeFailure { throw writeFailure }
        let count = min(buffer.count, room)
        guard count > 0 else { return .wouldBlock(needsRead: false) }
        unsafe outgoing.append(contentsOf: buffer.prefix(count))
        room -= count
        return .bytes(count)
    }

    func close() { isClosed = true }
}
