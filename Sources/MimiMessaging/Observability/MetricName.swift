/// The names of the metrics. Those of the OpenTelemetry conventions for messaging begin with `messaging.`, our own with
/// `mimi.`. The documentation has a table of them.
enum MetricName {
    // Sending.
    static let sent = "messaging.client.sent.messages"
    static let operationDuration = "messaging.client.operation.duration"
    static let sending = "mimi.send.in_flight"

    // Processing.
    static let consumed = "messaging.client.consumed.messages"
    static let processDuration = "messaging.process.duration"
    static let processing = "mimi.process.in_flight"
    static let retried = "mimi.process.retries"
    static let deadLettered = "mimi.process.dead_letters"
    static let sentToDone = "mimi.process.sent_to_done.duration"

    // Inside the adapter, and the bus as a whole.
    static let restored = "mimi.adapter.restorations"
    static let blocked = "mimi.adapter.blocked.duration"
    static let confirmed = "mimi.adapter.confirm.duration"
    static let repliesDropped = "mimi.adapter.dropped_replies"
    static let health = "mimi.health"
}

/// The names of what metrics and spans are labelled with.
enum AttributeName {
    static let system = "messaging.system"
    static let operation = "messaging.operation.name"
    static let operationType = "messaging.operation.type"
    static let destination = "messaging.destination.name"
    static let messageID = "messaging.message.id"
    static let bodySize = "messaging.message.body.size"
    static let kind = "mimi.message.kind"
    static let method = "mimi.message.method"
    static let attempt = "mimi.message.attempt"
    static let part = "mimi.adapter.part"
    static let errorType = "error.type"

    /// The value of a label whose true value is unknown here, or one too many.
    static let other = "other"
}
