#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ends another thread's `poll(2)`: an eventfd on Linux, a pipe elsewhere.
final class WakeUp: Sendable {
    /// What the sleeper polls for input.
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    /// - Throws: ``AMQPError/Kind/internalError`` when the process has no descriptor left.
    init() throws(AMQPError) {
        #if os(Linux)
            readDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
            writeDescriptor = readDescriptor
            guard readDescriptor >= 0 else { throw Self.failure() }
        #else
            var ends: [Int32] = [-1, -1]
            guard unsafe pipe(&ends) == 0 else { throw Self.failure() }
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
            readDescriptor = ends[0]
            writeDescriptor = ends[1]
        #endif
    }

    deinit {
        close(readDescriptor)
        if writeDescriptor != readDescriptor { close(writeDescriptor) }
    }

    /// Ends the present or the next sleep. A full pipe says the same already, so the result does not matter.
    func signal() {
        var one: UInt64 = 1
        _ = unsafe write(writeDescriptor, &one, 8)
    }

    /// Forgets the signals that came.
    func clear() {
        var count: UInt64 = 0
        #if os(Linux)
            _ = unsafe read(readDescriptor, &count, 8)
        #else
            while unsafe read(readDescriptor, &count, 8) > 0 {}
        #endif
    }

    private static func failure() -> AMQPError {
        AMQPError(.internalError, "no wake-up descriptor: \(unsafe String(cString: strerror(errno)))")
    }
}
