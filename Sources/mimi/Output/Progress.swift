/// A bar on standard error for long work; nothing where that is no terminal.
struct Progress {
    private let label: String
    private let total: Int?
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var drawn: ContinuousClock.Instant?

    /// - Parameters:
    ///   - label: What is done.
    ///   - total: How often; nil if nobody knows.
    ///   - isShown: Whether to draw at all.
    init(_ label: String, total: Int?, isShown: Bool = Console.drawsProgress) {
        self.label = label
        self.total = total
        self.isShown = isShown
    }

    /// Draws how much is done, at most ten times in a second.
    mutating func show(_ done: Int) {
        guard isShown, drawn.map({ $0.duration(to: .now) > .milliseconds(100) }) ?? true else { return }
        drawn = .now
        Console.draw("\r\u{1B}[K" + Self.text(label, done, total, start.duration(to: .now)))
    }

    /// Wipes the bar away.
    func end() {
        if isShown, drawn != nil { Console.draw("\r\u{1B}[K") }
    }

    /// The bar: `sending  [██████░░░░] 600/1000  512/s`.
    static func text(_ label: String, _ done: Int, _ total: Int?, _ elapsed: Duration) -> String {
        let rate = "\(Int((Double(done) / max(elapsed.inSeconds, 0.001)).rounded()))/s"
        guard let total, total > 0 else { return "\(label)  \(done)  \(rate)" }
        let width = 24
        let full = min(width, done * width / total)
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        return "\(label)  [\(bar)] \(done)/\(total)  \(rate)"
    }
}
