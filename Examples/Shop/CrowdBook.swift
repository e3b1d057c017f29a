/// What a crowd knows of its orders.
actor CrowdBook {
    /// What came of the orders of some time.
    struct Tally {
        var sent = 0
        /// How many of those that were sent took longer than half a second.
        var waited = 0
        /// How many failed, by the code of the error.
        var failed: [String: Int] = [:]
        /// The longest that an order took to be sent, or to fail.
        var longest = Duration.zero
    }

    /// The number of the last order, sent or on its way.
    private(set) var last = 0
    /// The orders that the broker has confirmed.
    private(set) var sent: [Int] = []
    /// The orders of which nobody knows whether they were taken.
    private(set) var failed: [Int] = []
    /// The orders that were heard of, in events.
    private(set) var placed: Set<Int> = []
    private(set) var paid: Set<Int> = []
    private var onTheirWay: Set<Int> = []
    private var tally = Tally()
    private var isClosed = false

    /// The number of a new order, or nil after `close()`.
    func next() -> Int? {
        guard !isClosed else { return nil }
        last += 1
        onTheirWay.insert(last)
        return last
    }

    func close() { isClosed = true }

    func note(sent id: Int, after time: Duration) {
        onTheirWay.remove(id)
        sent.append(id)
        tally.sent += 1
        tally.waited += time > .milliseconds(500) ? 1 : 0
        tally.longest = max(tally.longest, time)
    }

    func note(failed id: Int, after time: Duration, code: String) {
        onTheirWay.remove(id)
        failed.append(id)
        tally.failed[code, default: 0] += 1
        tally.longest = max(tally.longest, time)
    }

    func note(placed id: Int) { placed.insert(id) }

    func note(paid id: Int) { paid.insert(id) }

    /// Whether nothing up to this order waits any more, and a later one is paid.
    func isPast(_ id: Int) -> Bool {
        onTheirWay.allSatisfy { $0 > id } && paid.contains { $0 > id }
    }

    /// What was counted since this was called before.
    func takeTally() -> Tally {
        defer { tally = Tally() }
        return tally
    }
}
