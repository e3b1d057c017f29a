#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A POSIX thread that runs one closure.
///
/// Its stack has 8 MiB: the C library decodes nested tables by recursion, in old versions without a limit.
final class NativeThread: Sendable {
    // Unchecked: Darwin's thread id is a pointer, which may nevertheless be used from any thread.
    private enum State: @unchecked Sendable {
        case running(pthread_t)
        case given
    }

    private final class Body {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let state: Lock<State>

    /// Starts `body` on a new thread.
    ///
    /// - Throws: ``AMQPError/Kind/internalError`` when the system gives no thread.
    init(_ body: @escaping @Sendable () -> Void) throws(AMQPError) {
        let box = unsafe Unmanaged.passRetained(Body(run: body))
        #if canImport(Darwin)
        var started: pthread_t?
        #else
        var started = pthread_t()
        #endif
        let status = unsafe withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { attributes in
            guard let attributes = attributes.baseAddress else { return ENOMEM }
            unsafe pthread_attr_init(attributes)
            defer { unsafe pthread_attr_destroy(attributes) }
            unsafe pthread_attr_setstacksize(attributes, 8 << 20)
            return unsafe pthread_create(
                &started, attributes,
                { argument in
                    // Darwin declares the argument without null, Linux with.
                    let argument: UnsafeMutableRawPointer? = unsafe argument
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                    }
                    return nil
                }, box.toOpaque())
        }
        let created: pthread_t? = started
        guard status == 0, let thread = created else {
            unsafe box.release()
            throw AMQPError(.internalError, "no thread: \(unsafe String(cString: strerror(status)))")
        }
        state = Lock(.running(thread))
    }

    deinit { give { pthread_detach($0) } }

    /// Waits until the thread has ended. The first caller does; call it once the closure is about to return.
    func join() { give { pthread_join($0, nil) } }

    private func give(to receiver: (pthread_t) -> Void) {
        let thread: pthread_t? = state.withLock { state in
            guard case .running(let thread) = state else { return nil }
            state = .given
            return thread
        }
        if let thread { receiver(thread) }
    }
}
