internal import CRabbitMQ

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// TLS over TCP, on the `SSL` that the library made and that its handshake let us capture.
@safe
final class TLSTransport: Transport {
    private var connection: LibraryConnection?
    private let descriptor: Int32
    /// Belongs to `connection` and is valid as long as that is there.
    private let ssl: OpaquePointer

    /// Takes over a connection whose login is done; nil when no handshake was captured.
    init?(_ connection: consuming LibraryConnection) {
        guard let ssl = unsafe connection.session?.pointee.ssl else { return nil }
        unsafe self.ssl = ssl
        descriptor = connection.descriptor
        self.connection = consume connection
    }

    var fileDescriptor: Int32? { connection == nil ? nil : descriptor }

    /// When the broker's certificate ends, in seconds since 1970.
    var certificateEnd: Int? {
        guard connection != nil else { return nil }
        let end = unsafe mimi_tls_certificate_end(ssl)
        return end < 0 ? nil : Int(exactly: end)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> TransportRead {
        guard connection != nil else { throw AMQPError(.closed, "the stream is closed") }
        // OpenSSL judges a result by what lies in this thread's queue.
        ERR_clear_error()
        let count = unsafe SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        switch try failure(count) {
        case .wantsRead: return .wouldBlock(needsWrite: false)
        case .wantsWrite: return .wouldBlock(needsWrite: true)
        case .end: return .end
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(AMQPError) -> TransportWrite {
        guard connection != nil else { throw AMQPError(.closed, "the stream is closed") }
        guard unsafe !buffer.isEmpty else { return .bytes(0) }
        ERR_clear_error()
        let count = unsafe SSL_write(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        switch try failure(count) {
        case .wantsRead: return .wouldBlock(needsRead: true)
        case .wantsWrite: return .wouldBlock(needsRead: false)
        case .end: throw AMQPError(.connectionLost, "the peer ended the stream")
        }
    }

    func close() { connection = nil }

    private enum Failure {
        case wantsRead
        case wantsWrite
        case end
    }

    /// What a result of zero or less means.
    private func failure(_ result: Int32) throws(AMQPError) -> Failure {
        let error = errno
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .end
        case SSL_ERROR_SSL where mimi_tls_is_unexpected_end() != 0: return .end
        case SSL_ERROR_SYSCALL where error == 0: return .end
        case SSL_ERROR_SYSCALL: throw AMQPError(.connectionLost, "TLS: \(SystemError.text(error))")
        default: throw AMQPError(.connectionLost, "TLS: \(TLSError.take()?.text ?? "failed")")
        }
    }
}

/// What OpenSSL complains about.
struct TLSError {
    /// OpenSSL's own words.
    let text: String
    /// Whether the stream only broke: trying again may help. If not, one side refuses the other.
    let isCut: Bool

    /// The cause, the oldest entry in the queue of this thread; clears the queue. Nil when it is empty.
    static func take() -> TLSError? {
        var text = [CChar](repeating: 0, count: 256)
        var isCut: Int32 = 0
        guard unsafe mimi_tls_take_error(&text, text.count, &isCut) != 0 else { return nil }
        return TLSError(
            text: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            isCut: isCut != 0)
    }
}
