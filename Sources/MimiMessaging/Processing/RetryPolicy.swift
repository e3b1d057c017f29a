/// When a message whose processing failed is delivered again, and when it is given up.
///
/// Attempts are counted over all processes. The first `immediateRetries` follow at once, each further one waits for the
/// next of `delays`; the last delay repeats. After `maximumAttempts` the message goes to the dead letters.
public struct RetryPolicy: Hashable, Sendable {
    /// How often a message is delivered at most, the first delivery included. At least 1.
    public var maximumAttempts: Int
    /// How many retries follow without delay.
    public var immediateRetries: Int
    /// The delays of the further retries.
    public var delays: [Duration]

    /// Ten attempts, 1 s, 5 s, 30 s, 2 min and then 10 min apart: almost an hour in all.
    public static let standard = RetryPolicy()
    /// One attempt only.
    public static let never = RetryPolicy(maximumAttempts: 1, delays: [])

    /// Creates a policy.
    public init(
        maximumAttempts: Int = 10,
        immediateRetries: Int = 0,
        delays: [Duration] = [.seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600)]
    ) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.immediateRetries = max(0, immediateRetries)
        self.delays = delays
    }

    /// Delays that grow by a factor, up to a maximum.
    public static func exponential(
        from first: Duration = .seconds(1), factor: Int = 2, to maximum: Duration = .seconds(600), attempts: Int = 10
    ) -> RetryPolicy {
        var delays: [Duration] = []
        var delay = first
        while delays.count < attempts - 1 {
            delays.append(min(delay, maximum))
            if delay >= maximum { break }
            delay *= max(1, factor)
        }
        return RetryPolicy(maximumAttempts: attempts, delays: delays)
    }

    /// How long to wait after a failed attempt; nil when it was the last one.
    public func delay(afterAttempt attempt: Int) -> Duration? {
        attempt < maximumAttempts ? redeliveryDelay(afterAttempt: attempt) : nil
    }

    /// How long to wait after an attempt that said ``NACK``, which is never given up.
    public func redeliveryDelay(afterAttempt attempt: Int) -> Duration {
        let step = attempt - 1 - immediateRetries
        guard step >= 0, let last = delays.last else { return .zero }
        return step < delays.count ? delays[step] : last
    }
}
