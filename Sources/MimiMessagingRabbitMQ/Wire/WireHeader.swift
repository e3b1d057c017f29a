/// The names of the headers that this family of messaging layers puts beside a message on the wire.
enum WireHeader {
    /// The method of a command or query.
    static let method = "__method"
    /// The type of an event.
    static let eventType = "__event_type"
    /// The id of a query, as in its correlation id; for members of the family that look for it here.
    static let requestID = "__request_id"
    /// Which attempt a delivery is; not there for the first.
    static let attempt = "__attempt"
    /// How many milliseconds the asker of a query had left when it was sent.
    static let timeout = "__timeout"
    /// On a reply or a dead letter: the kind of failure.
    static let errorCode = "__error_code"
    /// On a reply or a dead letter: the failure in words.
    static let errorMessage = "__error_message"
    /// On a dead letter or a retried message: when processing it failed first, in seconds since 1970.
    static let firstFailedAt = "__first_failed_at"
    /// On a dead letter: when processing it failed last, in seconds since 1970.
    static let lastFailedAt = "__last_failed_at"
    /// On a dead letter: the queue that it comes from.
    static let origin = "__origin"

    /// All that is noted about failed attempts.
    static let failure = [errorCode, errorMessage, attempt, firstFailedAt, lastFailedAt, origin]

    /// Whether a header belongs to the family, not to the user.
    static func isReserved(_ name: String) -> Bool { name.hasPrefix("__") }

    /// Whether the broker put it there about an earlier life of the message.
    static func isBrokers(_ name: String) -> Bool {
        ["x-death", "x-delivery-count", "x-acquired-count"].contains(name) || name.hasPrefix("x-first-death-")
            || name.hasPrefix("x-last-death-")
    }
}
