import MimiMessaging

/// How long to wait before the next attempt: twice as long each time, with jitter, so that many clients which lost one
/// broker do not come back in step.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(100)
    /// Short enough that a service works again within a second of the broker.
    private static let longest = Duration.milliseconds(500)
    /// For what costs others their connection each time.
    private static let longestAfterHarm = Duration.seconds(10)
    /// For what somebody has to mend first.
    private static let afterRefusal = Duration.seconds(30)

    /// What there is to wait after.
    enum Cause {
        /// A loss, or an attempt that failed and may succeed the next time.
        case failure
        /// An attempt that the broker answered by closing the connection, with all that lives on it.
        case harm
        /// A refusal for good.
        case refusal
    }

    private let random: RandomSource
    private var next = Backoff.first

    init(random: RandomSource) { self.random = random }

    /// The next wait, between half and one and a half of the current step.
    mutating func delay(after cause: Cause) -> Duration {
        let longest = cause == .harm ? Self.longestAfterHarm : Self.longest
        let base = cause == .refusal ? Self.afterRefusal : min(next, longest)
        next = min(next * 2, longest)
        var random = random
        return base * Double.random(in: 0.5..<1.5, using: &random)
    }

    mutating func reset() { next = Self.first }
}
