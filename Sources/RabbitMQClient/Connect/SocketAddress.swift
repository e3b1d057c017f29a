#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// One address that a name stands for (`sockaddr`).
struct SocketAddress: Sendable {
    /// `AF_INET` or `AF_INET6`.
    let family: Int32
    private var storage: sockaddr_storage
    private let length: socklen_t

    /// A copy of what `getaddrinfo` found.
    init?(_ info: addrinfo) {
        guard let address = unsafe info.ai_addr, unsafe Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        family = unsafe info.ai_family
        length = unsafe info.ai_addrlen
        storage = sockaddr_storage()
        let count = Int(length)
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.baseAddress?.copyMemory(from: address, byteCount: count)
        }
    }

    /// `connect(2)`; gives 0 or the error number.
    func connect(_ descriptor: Int32) -> Int32 {
        unsafe withUnsafeBytes(of: storage) { bytes in
            let address = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            #if canImport(Darwin)
            return unsafe Darwin.connect(descriptor, address, length) == 0 ? 0 : errno
            #elseif canImport(Musl)
            return unsafe Musl.connect(descriptor, address, length) == 0 ? 0 : errno
            #else
            return unsafe Glibc.connect(descriptor, address, length) == 0 ? 0 : errno
            #endif
        }
    }

    /// The address in digits, a scope with it.
    var numericHost: String? {
        var host = [CChar](repeating: 0, count: 256)
        let status = unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe getnameinfo(
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), length, &host, socklen_t(host.count), nil, 0,
                NI_NUMERICHOST)
        }
        guard status == 0 else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
