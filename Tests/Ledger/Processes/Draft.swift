/// What one message of a producer is. The same seed, producer and number give the same message, whatever happens
/// around it.
struct Draft {
    enum Kind: String, Encodable {
        case command, event, query
        /// A command for a queue with a length limit, which may refuse it.
        case tight
        /// A command for a queue that does not exist.
        case missing
        /// A command that fails at each attempt, and one that cannot be decoded: dead letters.
        case poison, undecodable
    }

    let kind: Kind
    let failures: Int
    let pause: Int
    let text: String
    /// After how many milliseconds the caller loses interest, if at all.
    let patience: Int?

    /// - Parameters:
    ///   - id: Which message it is.
    ///   - isQuery: Whether it is one.
    ///   - longest: How long most handlers take, in milliseconds, at most.
    init(id: String, isQuery: Bool, seed: UInt64, pause longest: Int) {
        var generator = SeededGenerator(seed: seed ^ fingerprint(id))
        kind = isQuery ? .query : Self.kind(using: &generator)
        failures =
            switch kind {
            case .poison: 1_000_000
            case .command, .event: generator.happens(0.01) ? Int.random(in: 1...2, using: &generator) : 0
            default: 0
            }
        pause =
            switch kind {
            case .tight: 100
            // Some handlers outlive the link that brought their message.
            case .command where generator.happens(0.01): Int.random(in: 300...1500, using: &generator)
            default: Int.random(in: 0...longest, using: &generator)
            }
        text = Self.text(using: &generator)
        patience = generator.happens(0.005) ? Int.random(in: 0...20, using: &generator) : nil
    }

    /// What is sent without waiting for an answer.
    private static func kind(using generator: inout SeededGenerator) -> Kind {
        switch Double.random(in: 0..<1, using: &generator) {
        case ..<0.0005: .poison
        case ..<0.0010: .undecodable
        case ..<0.0025: .missing
        case ..<0.0500: .tight
        case ..<0.2700: .event
        default: .command
        }
    }

    /// Mostly short, now and then up to 64 kB, sometimes nothing.
    private static func text(using generator: inout SeededGenerator) -> String {
        let longest =
            switch Double.random(in: 0..<1, using: &generator) {
            case ..<0.05: 0
            case ..<0.85: 600
            case ..<0.99: 6_000
            default: 60_000
            }
        let count = Int.random(in: 0...longest, using: &generator)
        let start = Int.random(in: 0...(material.count - count), using: &generator)
        return String(decoding: material[start..<(start + count)], as: UTF8.self)
    }

    /// Characters that JSON writes as they are, and some that it has to escape.
    private static let material: [UInt8] = {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,;:/\\\"\n\t{}[]".utf8)
        return (0..<64 * 1024).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    }()
}
