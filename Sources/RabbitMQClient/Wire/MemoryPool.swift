internal import CRabbitMQ

/// Scratch memory for the C codec (`amqp_pool_t`). What it hands out lives until ``recycle()``.
@safe
struct MemoryPool: ~Copyable {
    /// The library's pool, for the decoders.
    let pointer: UnsafeMutablePointer<amqp_pool_t>

    init() {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: amqp_pool_t())
        unsafe init_amqp_pool(pointer, 16 << 10)
    }

    deinit {
        unsafe empty_amqp_pool(pointer)
        unsafe pointer.deallocate()
    }

    /// Makes all memory that was handed out available again (`recycle_amqp_pool`).
    func recycle() { unsafe recycle_amqp_pool(pointer) }

    /// Uninitialised memory (`amqp_pool_alloc`).
    func allocate(_ byteCount: Int) throws(AMQPError) -> UnsafeMutableRawPointer {
        guard let memory = unsafe amqp_pool_alloc(pointer, byteCount) else {
            throw AMQPError(.internalError, "out of memory")
        }
        return unsafe memory
    }

    /// A copy of the string's UTF-8 bytes.
    func copy(_ string: String) throws(AMQPError) -> amqp_bytes_t {
        var string = string
        // The closure cannot throw a typed error through `withUTF8`, so the memory is got before.
        let count = string.utf8.count
        guard count > 0 else { return unsafe amqp_bytes_t() }
        let memory = try unsafe allocate(count)
        string.withUTF8 { unsafe memory.copyMemory(from: $0.baseAddress!, byteCount: count) }
        return unsafe amqp_bytes_t(len: count, bytes: memory)
    }

    /// A copy of the bytes.
    func copy(_ bytes: [UInt8]) throws(AMQPError) -> amqp_bytes_t {
        guard !bytes.isEmpty else { return unsafe amqp_bytes_t() }
        let memory = try unsafe allocate(bytes.count)
        unsafe bytes.withUnsafeBytes { unsafe memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        return unsafe amqp_bytes_t(len: bytes.count, bytes: memory)
    }

    /// A copy of a string that must fit an AMQP short string: at most 255 bytes. `what` names it in the error.
    func shortString(_ string: String, _ what: StaticString) throws(AMQPError) -> amqp_bytes_t {
        let count = string.utf8.count
        guard count <= 255 else {
            throw AMQPError(.invalidMessage, "the \(what) is \(count) bytes long, at most 255 are allowed")
        }
        return try unsafe copy(string)
    }
}
