internal import CRabbitMQ

extension UnsafeRawBufferPointer {
    /// The bytes that the library points at.
    init(_ bytes: amqp_bytes_t) {
        unsafe self.init(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len)
    }
}

extension amqp_bytes_t {
    /// A borrowed view for the decoders, which take a mutable pointer but do not write.
    init(viewing bytes: UnsafeRawBufferPointer) {
        unsafe self.init(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

extension String {
    /// A copy, or nil when the bytes are not valid UTF-8.
    init?(validating bytes: amqp_bytes_t) {
        let bytes = unsafe UnsafeRawBufferPointer(bytes)
        // Nearly all are ASCII, and the validating initialiser costs several times as much as this one.
        if unsafe bytes.allSatisfy({ $0 < 0x80 }) {
            unsafe self.init(decoding: bytes, as: UTF8.self)
        } else {
            unsafe self.init(validating: bytes, as: UTF8.self)
        }
    }

    /// A copy with what is not valid UTF-8 replaced.
    init(repairing bytes: amqp_bytes_t) {
        unsafe self.init(decoding: UnsafeRawBufferPointer(bytes), as: UTF8.self)
    }
}

extension [UInt8] {
    /// A copy of the bytes that the library points at.
    init(copying bytes: amqp_bytes_t) {
        unsafe self.init(UnsafeRawBufferPointer(bytes))
    }
}
