#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Makes identifiers that nobody can guess.
package enum RandomID {
    private static let digits = Array("0123456789abcdef".utf8)
    private static let source = Lock(RandomWords())

    /// 128 random bits of the system's cryptographic source, as 32 hexadecimal digits.
    package static func make() -> String {
        let words = source.withLock { source in [source.next(), source.next()] }
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for var bits in words {
            for _ in 0..<16 {
                text.append(digits[Int(bits & 0xF)])
                bits >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Random numbers of the system's cryptographic source, got many at a time: asking for them is a system call.
private struct RandomWords: Sendable {
    /// As much as `getentropy` gives at once.
    private static let byteCount = 256

    private var words: [UInt64] = []

    /// A number that was not given before and is not kept.
    mutating func next() -> UInt64 {
        if words.isEmpty { refill() }
        return words.removeLast()
    }

    private mutating func refill() {
        words = Array(repeating: 0, count: Self.byteCount / MemoryLayout<UInt64>.size)
        guard unsafe getentropy(&words, Self.byteCount) != 0 else { return }
        // A system without that call has another source, of which each number is got alone.
        var generator = SystemRandomNumberGenerator()
        words = [generator.next(), generator.next()]
    }
}
