import Foundation
import MimiMessaging
import MimiMessagingTesting

/// A TCP proxy before the broker that a test can break: cut its connections, refuse new ones, hold, slow or shorten what
/// passes.
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
        var conditions: [LinkDirection: LinkConditions] = [:]
        var passed: [LinkDirection: Int] = [:]
        var cuts = 0
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

    /// An entry for each connection that it was asked for, so that a test can wait for the next.
    let connections = Journal<Void>(limit: .seconds(30))

    /// An entry each time that bytes come that are held, so that a test knows that somebody has sent them.
    let held = Journal<LinkDirection>(limit: .seconds(30))

    /// How many bytes have passed in a direction since ``forgetPassed()``.
    func passed(_ direction: LinkDirection) -> Int { state.withLock { $0.passed[direction] ?? 0 } }

    /// How often ``LinkConditions/bytesBeforeCut`` has cut a connection.
    var cuts: Int { state.withLock { $0.cuts } }

    func forgetPassed() { state.withLock { $0.passed = [:] } }

    /// Changes what happens to the bytes of some directions, of those that are there already, too.
    func set(_ directions: LinkDirection..., change: (inout LinkConditions) -> Void) {
        state.withLock { state in
            for direction in directions { change(&state.conditions[direction, default: LinkConditions()]) }
        }
    }

    /// Nothing passes any more, either way, and nobody is told.
    func hold() { set(.toBroker, .toClient) { $0.isHeld = true } }

    /// All passes as it should.
    func heal() {
        state.withLock { state in
            state.conditions = [:]
            state.isRefusing = false
        }
    }

    /// Cuts all connections with a reset, without a word.
    func cut() { forEachPair { Self.reset($0, $1) } }

    /// Ends the stream to the client in order, without a word of AMQP.
    func halfClose() { forEachPair { client, _ in shutdown(client, Int32(SHUT_WR)) } }

    /// Whether new connections are closed at once, as by a broker that is down.
    func refuse(_ isRefusing: Bool) { state.withLock { $0.isRefusing = isRefusing } }

    /// Ends it, with all connections.
    func close() {
        state.withLock { $0.isClosed = true }
        cut()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Under the lock, so that no descriptor is closed, and perhaps somebody else's, meanwhile.
    private func forEachPair(_ body: (Int32, Int32) -> Void) {
        state.withLock { for (client, server) in $0.sockets { body(client, server) } }
    }

    /// Its thread alone closes the listener: its number would else be somebody else's the next time that it accepts.
    private func accept() {
        defer { Foundation.close(listener) }
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let (isClosed, isRefusing) = state.withLock { ($0.isClosed, $0.isRefusing) }
            guard !isClosed else {
                Foundation.close(client)
                return
            }
            connections.note(())
            guard !isRefusing, let server = connectUpstream() else {
                Foundation.close(client)
                continue
            }
            // One that is closed meanwhile cuts what it has, and this pair is not among it.
            state.withLock { state in
                state.sockets[client] = server
                if state.isClosed { Self.reset(client, server) }
            }
            let group = DispatchGroup()
            for (direction, from, to) in [(LinkDirection.toBroker, client, server), (.toClient, server, client)] {
                group.enter()
                Thread.detachNewThread { [self] in
                    copy(direction, from: from, to: to)
                    group.leave()
                }
            }
            group.notify(queue: .global()) { [self] in
                state.withLock { state in
                    state.sockets[client] = nil
                    Foundation.close(client)
                    Foundation.close(server)
                }
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
        if !isConnected { Foundation.close(server) }
        return isConnected ? server : nil
    }

    /// Copies until an end. Slices, pauses and delays are what it is for: this is where it sleeps, no test does.
    private func copy(_ direction: LinkDirection, from: Int32, to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var filter = FrameFilter()
        while true {
            let limit = conditions(direction).sliceSize ?? buffer.count
            let count = unsafe recv(from, &buffer, min(limit, buffer.count), 0)
            guard count > 0, waitUntilOpen(direction) else { break }
            let conditions = conditions(direction)
            if conditions.latency > 0 { usleep(conditions.latency * 1000) }
            if let rate = conditions.bytesPerSecond { usleep(UInt32(count * 1_000_000 / rate)) }
            var bytes = filter.takePending()[...]
            if let swallowed = conditions.swallowed {
                bytes = filter.pass(bytes + buffer[..<count], without: swallowed)[...]
            } else {
                bytes += buffer[..<count]
            }
            let (admitted, isCut) = admit(bytes.count, direction)
            guard Self.send(bytes.prefix(admitted), to: to) else { break }
            if isCut {
                cut(the: from)
                break
            }
        }
        // The other direction ends, too.
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    /// Cuts the connection that a socket is one end of, and counts it.
    private func cut(the socket: Int32) {
        state.withLock { state in
            for (client, server) in state.sockets where [client, server].contains(socket) {
                Self.reset(client, server)
                state.cuts += 1
            }
        }
    }

    private func conditions(_ direction: LinkDirection) -> LinkConditions {
        state.withLock { $0.conditions[direction] ?? LinkConditions() }
    }

    /// Whether the proxy is still there when bytes may pass.
    private func waitUntilOpen(_ direction: LinkDirection) -> Bool {
        var isNoted = false
        while true {
            let (isHeld, isClosed) = state.withLock { ($0.conditions[direction]?.isHeld == true, $0.isClosed) }
            if isClosed { return false }
            if !isHeld { return true }
            if !isNoted { held.note(direction) }
            isNoted = true
            usleep(2000)
        }
    }

    /// How many of so many bytes pass, and whether the connection is cut behind them.
    private func admit(_ count: Int, _ direction: LinkDirection) -> (Int, isCut: Bool) {
        state.withLock { state in
            var admitted = count
            var isCut = false
            if let left = state.conditions[direction]?.bytesBeforeCut {
                admitted = min(count, left)
                isCut = count >= left
                state.conditions[direction]?.bytesBeforeCut = isCut ? nil : left - count
            }
            state.passed[direction, default: 0] += admitted
            return (admitted, isCut)
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Foundation.send(
                    socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }

    private static func reset(_ sockets: Int32...) {
        for socket in sockets {
            var linger = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            shutdown(socket, Int32(SHUT_RDWR))
        }
    }

    private static func streamSocket() -> Int32 {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        return socket(AF_INET, type, 0)
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        return address
    }
}
