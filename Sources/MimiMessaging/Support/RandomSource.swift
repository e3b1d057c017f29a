#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where random bits come from.
package struct RandomSource: RandomNumberGenerator, Sendable {
    /// The system's cryptographic source.
    package static let system: RandomSource = {
        let words = Lock(RandomWords())
        return RandomSource { words.withLock { $0.next() } }
    }()

    private let bits: @Sendable () -> UInt64

    /// - Parameter bits: Gives 64 random bits at each call.
    package init(_ bits: @escaping @Sendable () -> UInt64) { self.bits = bits }

    package func next() -> UInt64 { bits() }
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
