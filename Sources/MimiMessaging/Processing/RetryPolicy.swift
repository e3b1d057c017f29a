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
    /// - Parameters:
    ///   - first: The first delay. Default: 1 s.
    ///   - factor: How many times as long each further delay is. Default: 2.
    ///   - maximum: The longest delay. Default: 10 min.
    ///   - attempts: How often a message is delivered at most. The delays that follow 100 others are like the last.
    ///     Default: 10.
    public static func exponential(
        from first: Duration = .seconds(1), factor: Int = 2, to maximum: Duration = .seconds(600), attempts: Int = 10
    ) -> RetryPolicy {
        var delays: [Duration] = []
        var delay = first
        while delays.count < min(max(1, attempts) - 1, 100), delay < maximum {
            delays.append(delay)
            // Beyond the maximum it does not matter how far.
            delay = delay > maximum / max(1, factor) ? maximum : delay * max(1, factor)
        }
        if delays.count < min(max(1, attempts) - 1, 100) { delays.append(maximum) }
        return RetryPolicy(maximumAttempts: attempts, delays: delays)
    }

    /// How long to wait after a failed attempt; nil when it was the last one.
    public func delay(afterAttempt attempt: Int) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        guard attempt > immediateRetries else { return .zero }
        return delays.isEmpty ? .zero : step(attempt - immediateRetries)
    }

    /// How long to wait after an attempt that said ``NACK``, which is never given up. Retries without delay do not count
    /// here, and without any delays it is a second: a processor that cannot take a message now needs time.
    public func redeliveryDelay(afterAttempt attempt: Int) -> Duration {
        delays.isEmpty ? Self.restDelay : step(attempt)
    }

    /// The delays that messages may have to wait for.
    var allDelays: [Duration] { delays.isEmpty ? [Self.restDelay] : delays }

    private static let restDelay = Duration.seconds(1)

    /// One of the delays, counted from 1; further ones are like the last.
    private func step(_ number: Int) -> Duration { max(delays[min(max(number, 1), delays.count) - 1], .zero) }
}
