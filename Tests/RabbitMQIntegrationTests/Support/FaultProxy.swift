import Foundation
import MimiMessaging

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A TCP proxy before the broker that a test can break: cut its connections with a reset, and refuse new ones.
///
/// Each connection has two threads that copy bytes, one for each direction.
final class FaultProxy: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it listens, on 127.0.0.1.
    let port: Int

    private struct State {
        var sockets: [Int32: Int32] = [:]
        var isClosed = false
        var isRefusing = false
    }

    private let listener: Int32
    private let upstream: sockaddr_in
    private let state = Lock(State())

    /// Starts a proxy before a broker on this machine.
    init(upstreamPort: Int) throws {
        upstream = Self.loopback(port: upstreamPort)
        listener = Self.streamSocket()
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw Failure(description: "the proxy cannot listen: errno \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    /// Cuts all connections with a reset, without a word.
    func cut() {
        state.withLock { state in
            for (client, server) in state.sockets {
                Self.reset(client)
                Self.reset(server)
            }
        }
    }

    /// Whether new connections are closed at once, as by a broker that is down.
    func refuse(_ isRefusing: Bool) { state.withLock { $0.isRefusing = isRefusing } }

    /// Ends it, with all connections.
    func close() {
        state.withLock { $0.isClosed = true }
        cut()
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            let (isClosed, isRefusing) = state.withLock { ($0.isClosed, $0.isRefusing) }
            guard client >= 0, !isClosed else { return }
            guard !isRefusing, let server = connectUpstream() else {
                Glibc.close(client)
                continue
            }
            state.withLock { $0.sockets[client] = server }
            let group = DispatchGroup()
            for (from, to) in [(client, server), (server, client)] {
                group.enter()
                Thread.detachNewThread {
                    Self.copy(from: from, to: to)
                    group.leave()
                }
            }
            group.notify(queue: .global()) { [self] in
                state.withLock { _ = $0.sockets.removeValue(forKey: client) }
                Glibc.close(client)
                Glibc.close(server)
            }
        }
    }

    private func connectUpstream() -> Int32? {
        let server = Self.streamSocket()
        var address = upstream
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isConnected { Glibc.close(server) }
        return isConnected ? server : nil
    }

    private static func copy(from: Int32, to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
                let written = unsafe buffer.withUnsafeBytes { bytes in
                    unsafe Glibc.send(to, bytes.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                sent += written
            }
            if sent < count { break }
        }
        // The other direction ends, too.
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    private static func reset(_ socket: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    private static func streamSocket() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        return address
    }
}
