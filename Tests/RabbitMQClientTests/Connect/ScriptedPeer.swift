import Foundation

@testable import RabbitMQClient

/// A listener on the loopback that serves one connection by a script, on a thread of its own.
final class ScriptedPeer: Sendable {
    /// One thing to do with the connection.
    enum Step: Sendable {
        /// Waits until some bytes come.
        case receive
        /// Sends these.
        case send([UInt8])
        /// Reads until the client ends the stream.
        case drain
    }

    /// Where it listens, on 127.0.0.1.
    let port: Int
    private let listener: Int32
    private let record = Lock<[UInt8]>([])

    /// What the client has said before its last answer came, without what was only drained.
    var heard: [UInt8] { record.withLock { $0 } }

    /// Listens; without steps nobody ever accepts, so that a client connects and hears nothing.
    init(_ steps: [Step]?) {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            unsafe bind(listener, pointer, length)
            listen(listener, 1)
            unsafe getsockname(listener, pointer, &length)
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        guard let steps else { return }
        Thread.detachNewThread { [record] in
            let connection = accept(listener, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 65536)
            for step in steps {
                switch step {
                case .receive:
                    let count = unsafe recv(connection, &buffer, buffer.count, 0)
                    record.withLock { $0 += buffer.prefix(max(0, count)) }
                case .send(let bytes): _ = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                case .drain: while unsafe recv(connection, &buffer, buffer.count, 0) > 0 {}
                }
            }
            close(connection)
        }
    }

    /// Wakes an `accept` that still waits.
    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// A port of the loopback where nobody listens.
    static func refusedPort() -> Int { ScriptedPeer(nil).port }
}
