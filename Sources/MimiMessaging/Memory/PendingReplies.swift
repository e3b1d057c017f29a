/// The queries of one link that wait for their replies. A pure value: whoever takes a waiter from here resumes it, once.
struct PendingReplies: Sendable {
    /// Names a query.
    struct ID: Hashable, Sendable {
        fileprivate let number: Int
    }

    typealias Waiter = CheckedContinuation<IncomingMessage, any Error>

    /// A query that waits.
    struct Query: Sendable {
        let waiter: Waiter
        /// What ends the wait.
        let timer: TimerQueue<BrokerEvent>.ID
    }

    private enum Entry {
        /// Its task has not come to waiting yet.
        case reserved
        /// Its task was cancelled before it came to waiting.
        case cancelled
        case waiting(Query)
    }

    private var lastNumber = 0
    private var entries: [ID: Entry] = [:]
    /// How many queries wait.
    private(set) var waiting = 0

    /// Makes a place for a query that is about to wait.
    mutating func reserve() -> ID {
        lastNumber += 1
        let id = ID(number: lastNumber)
        entries[id] = .reserved
        return id
    }

    /// Whether the query may go on; if not, it was cancelled meanwhile and its place is gone.
    mutating func isWanted(_ id: ID) -> Bool {
        if case .reserved? = entries[id] { return true }
        entries[id] = nil
        return false
    }

    /// The query waits from here on.
    mutating func wait(_ id: ID, _ query: Query) {
        entries[id] = .waiting(query)
        waiting += 1
    }

    /// Gives the place of a query up. Nil if nobody waits there (any more): a reply that comes late or twice.
    mutating func take(_ id: ID) -> Query? {
        guard case .waiting(let query)? = entries[id] else { return nil }
        entries[id] = nil
        waiting -= 1
        return query
    }

    /// As ``take(_:)``; a query that does not wait yet learns it when it comes to that.
    mutating func cancel(_ id: ID) -> Query? {
        if case .reserved? = entries[id] { entries[id] = .cancelled }
        return take(id)
    }

    /// Gives all places up, in the order in which the queries began.
    mutating func takeAll() -> [Query] {
        entries.keys.sorted { $0.number < $1.number }.compactMap { take($0) }
    }
}
