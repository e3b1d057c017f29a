/// Where random bits come from.
package struct RandomSource: RandomNumberGenerator, Sendable {
    /// The system's cryptographic source.
    package static let system = RandomSource {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    private let bits: @Sendable () -> UInt64

    /// - Parameter bits: Gives 64 random bits at each call.
    package init(_ bits: @escaping @Sendable () -> UInt64) { self.bits = bits }

    package func next() -> UInt64 { bits() }
}
