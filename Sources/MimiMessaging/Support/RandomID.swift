/// Makes identifiers that nobody can guess.
package enum RandomID {
    private static let digits = Array("0123456789abcdef".utf8)

    /// 128 random bits as 32 hexadecimal digits.
    /// - Parameter random: Where the bits come from; by default the system's cryptographic source.
    package static func make(using random: RandomSource = .system) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for _ in 0..<2 {
            var bits = random.next()
            for _ in 0..<16 {
                text.append(digits[Int(bits & 0xF)])
                bits >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
