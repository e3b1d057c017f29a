internal import CRabbitMQ

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Looks names up with a time limit, which `getaddrinfo` does not have.
enum Resolver {
    /// What `getaddrinfo` gave: addresses, or its error number.
    enum Answer: Sendable {
        case addresses([SocketAddress])
        case failure(Int32)
    }

    /// The endpoint's addresses in the system's order of preference, at least one.
    ///
    /// - Throws: ``AMQPError/Kind/connectFailed`` when the name is not known or the deadline passes first.
    static func addresses(of endpoint: AMQPEndpoint, deadline: Deadline) throws(AMQPError) -> [SocketAddress] {
        guard (1...65535).contains(endpoint.port) else {
            throw AMQPError(.connectFailed, "\(endpoint): the port is not between 1 and 65535")
        }
        guard !endpoint.host.isEmpty, !endpoint.host.utf8.contains(0) else {
            throw AMQPError(.connectFailed, "\(endpoint): the host name is empty or holds NUL")
        }
        // Digits need no server and hence no thread.
        if case .addresses(let found) = lookUp(endpoint, AI_NUMERICHOST), !found.isEmpty { return found }
        guard let answer = lookUpElsewhere(endpoint).wait(until: deadline) else {
            throw AMQPError(.connectFailed, "\(endpoint): the name was not resolved in time")
        }
        switch answer {
        case .addresses(let found) where !found.isEmpty: return found
        case .addresses: throw AMQPError(.connectFailed, "\(endpoint): the name has no address")
        case .failure(let status):
            let reason = unsafe String(cString: gai_strerror(status))
            throw AMQPError(.connectFailed, "\(endpoint): the name cannot be resolved: \(reason)")
        }
    }

    /// Whether the host is an address in digits rather than a name.
    static func isAddress(_ host: String) -> Bool {
        guard !host.isEmpty, !host.utf8.contains(0) else { return false }
        guard case .addresses(let found) = lookUp(AMQPEndpoint(host: host, port: 1), AI_NUMERICHOST) else {
            return false
        }
        return !found.isEmpty
    }

    /// Runs the look-up on a thread that may outlive its caller; it owns all it touches.
    private static func lookUpElsewhere(_ endpoint: AMQPEndpoint) -> OneShot<Answer> {
        let result = OneShot<Answer>()
        let job = unsafe Unmanaged.passRetained(Job { result.set(lookUp(endpoint, 0)) })
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let status = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                #if canImport(Darwin)
                let job: UnsafeMutableRawPointer? = unsafe argument
                #else
                let job = unsafe argument
                #endif
                if let job = unsafe job { unsafe Unmanaged<Job>.fromOpaque(job).takeRetainedValue().run() }
                return nil
            }, job.toOpaque())
        if status != 0 {
            unsafe job.release()
            result.set(.failure(EAI_MEMORY))
        }
        return result
    }

    private final class Job: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func lookUp(_ endpoint: AMQPEndpoint, _ flags: Int32) -> Answer {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        unsafe hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
        guard status == 0 else { return .failure(status) }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let info = unsafe next {
            if let address = unsafe SocketAddress(info.pointee) { found.append(address) }
            unsafe next = info.pointee.ai_next
        }
        return .addresses(found)
    }
}
