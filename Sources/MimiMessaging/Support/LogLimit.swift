/// Whether one more line of a kind may be written: one a second, so that a thousand bad messages are no thousand lines. A
/// pure value.
struct LogLimit: Sendable {
    private static let interval = Duration.seconds(1)

    private var lastLine: MessagingClock.Instant?
    private var suppressed = 0

    /// - Returns: How many lines were left out since the last one, if a line may be written now; nil if this one is left
    ///   out, too.
    mutating func permit(at now: MessagingClock.Instant) -> Int? {
        if let lastLine, lastLine.duration(to: now) < Self.interval {
            suppressed += 1
            return nil
        }
        lastLine = now
        defer { suppressed = 0 }
        return suppressed
    }
}
