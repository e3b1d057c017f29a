internal import CRabbitMQ

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A connected TCP socket: non-blocking, without Nagle's delay, with keep-alive, closed on exec.
struct TCPSocket: ~Copyable {
    private let descriptor: Int32

    /// Connects to the address.
    ///
    /// - Throws: ``AMQPError/Kind/connectFailed`` with the system's reason.
    init(connectingTo address: SocketAddress, of endpoint: AMQPEndpoint, deadline: Deadline) throws(AMQPError) {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw Self.failed(endpoint, address, errno) }
        var error = prepare()
        if error == 0 { error = address.connect(descriptor) }
        if error == EINPROGRESS || error == EINTR { error = wait(until: deadline) }
        guard error == 0 else { throw Self.failed(endpoint, address, error) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the descriptor away; whoever has it closes it.
    consuming func take() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    private func prepare() -> Int32 {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0,
            fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
        else { return errno }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size) == 0,
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size) == 0
        else { return errno }
        mimi_no_sigpipe(descriptor)
        return 0
    }

    /// Waits for the connect to end; gives 0 or the error number.
    private func wait(until deadline: Deadline) -> Int32 {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = unsafe poll(&entry, 1, deadline.remaining.pollMilliseconds)
            if ready == 0 { return ETIMEDOUT }
            if ready < 0, errno != EINTR { return errno }
            guard ready > 0 else { continue }
            var error: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            let status = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
            return status == 0 ? error : errno
        }
    }

    private static func failed(_ endpoint: AMQPEndpoint, _ address: SocketAddress, _ error: Int32) -> AMQPError {
        let shown = address.numericHost.flatMap { $0 == endpoint.host ? nil : " [\($0)]" } ?? ""
        let reason = error == ETIMEDOUT ? "no connection within the time limit" : SystemError.text(error)
        return AMQPError(.connectFailed, "\(endpoint)\(shown): \(reason)")
    }
}

/// Words for error numbers.
enum SystemError {
    /// What `strerror` says.
    static func text(_ number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}
