import MimiMessaging

/// How long to wait before the next attempt: twice as long each time, with jitter, so that many clients which lost one
/// broker do not come back in step.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(1)
    /// For what somebody has to mend first.
    private static let afterRefusal = Duration.seconds(30)

    private let random: RandomSource
    private var next = Backoff.first

    init(random: RandomSource) { self.random = random }

    /// The next wait, between half and one and a half of the current step.
    mutating func delay(afterRefusal isRefused: Bool) -> Duration {
        defer { next = min(next * 2, Self.longest) }
        let base = isRefused ? Self.afterRefusal : next
        var random = random
        return base * Double.random(in: 0.5..<1.5, using: &random)
    }

    mutating func reset() { next = Self.first }
}
