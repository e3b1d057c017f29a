internal import CRabbitMQ

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// TCP without TLS.
final class PlainTransport: Transport {
    private var connection: LibraryConnection?
    private let descriptor: Int32
    /// The last read left nothing behind: the next would only be told so.
    private var isDrained = false

    /// Takes over a connection whose login is done.
    init(_ connection: consuming LibraryConnection) {
        descriptor = connection.descriptor
        self.connection = consume connection
    }

    var fileDescriptor: Int32? { connection == nil ? nil : descriptor }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> TransportRead {
        guard connection != nil else { throw AMQPError(.closed, "the stream is closed") }
        guard !isDrained else {
            isDrained = false
            return .wouldBlock(needsWrite: false)
        }
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            isDrained = count > 0 && count < buffer.count
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock(needsWrite: false)
            case let error: throw AMQPError(.connectionLost, "reading failed: \(SystemError.text(error))")
            }
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(AMQPError) -> TransportWrite {
        guard connection != nil else { throw AMQPError(.closed, "the stream is closed") }
        while true {
            let count = unsafe mimi_send(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock(needsRead: false)
            case let error: throw AMQPError(.connectionLost, "writing failed: \(SystemError.text(error))")
            }
        }
    }

    func close() { connection = nil }
}
