#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A pipe that ends another thread's `poll(2)`.
final class WakeUp: Sendable {
    /// What the sleeper polls for input.
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    /// - Throws: ``AMQPError/Kind/internalError`` when the process has no descriptor left.
    init() throws(AMQPError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw AMQPError(.internalError, "no wake-up descriptor: \(unsafe String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readDescriptor = ends[0]
        writeDescriptor = ends[1]
    }

    deinit {
        close(readDescriptor)
        close(writeDescriptor)
    }

    /// Ends the present or the next sleep. A full pipe says the same already, so the result does not matter.
    func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(writeDescriptor, &byte, 1)
    }

    /// Forgets the signals that came. There is one at most for each sleep.
    func clear() {
        var bytes: UInt64 = 0
        _ = unsafe read(readDescriptor, &bytes, 8)
    }
}
