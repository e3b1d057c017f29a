import MimiMessaging

/// What all messages of the test carry.
protocol LedgerMessage: Codable, Sendable {
    /// Names it in the ledger.
    var id: String { get }
    /// How many attempts fail before one succeeds.
    var failures: Int { get }
    /// How long its handler takes, in milliseconds.
    var pause: Int { get }
    /// Something to carry.
    var text: String { get }
}

/// A command.
struct Work: CommandMessage, LedgerMessage {
    static let target: RequestTarget = "work/do"
    var id: String
    var failures: Int
    var pause: Int
    var text: String
}

/// A command for a queue with a length limit: when it is full, the broker refuses.
struct TightWork: CommandMessage, LedgerMessage {
    static let target: RequestTarget = "tight/do"
    var id: String
    var failures = 0
    var pause: Int
    var text: String
}

/// A query; its answer says what was asked.
struct Ask: QueryMessage, LedgerMessage {
    struct Answer: Codable, Sendable {
        var id: String
        var hash: String
    }

    static let target: RequestTarget = "work/ask"
    var id: String
    var failures = 0
    var pause: Int
    var text: String
}

/// An event, for two queues and for a listener in each consumer.
struct Happened: EventMessage, LedgerMessage {
    static let target: EventTarget = "facts#happened"
    var id: String
    var failures: Int
    var pause: Int
    var text: String
}
