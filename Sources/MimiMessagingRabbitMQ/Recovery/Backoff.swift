/// How long to wait before the next attempt: twice as long each time, with jitter, so that many clients which lost one
/// broker do not come back in step.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(100)
    /// Short enough that a service works again within a second of the broker.
    private static let longest = Duration.milliseconds(500)
    /// For what somebody has to mend first.
    private static let afterRefusal = Duration.seconds(30)

    private var next = Backoff.first

    /// The next wait, between half and one and a half of the current step.
    mutating func delay(afterRefusal isRefused: Bool) -> Duration {
        defer { next = min(next * 2, Self.longest) }
        let base = isRefused ? Self.afterRefusal : next
        return base * Double.random(in: 0.5..<1.5)
    }

    mutating func reset() { next = Self.first }
}
