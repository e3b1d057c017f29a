/// Makes identifiers that nobody can guess.
package enum RandomID {
    private static let digits = Array("0123456789abcdef".utf8)

    /// 128 random bits of the system's cryptographic source, as 32 hexadecimal digits.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for _ in 0..<2 {
            var bits = generator.next()
            for _ in 0..<16 {
                text.append(digits[Int(bits & 0xF)])
                bits >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
