import MimiMessagingTesting

extension Journal {
    /// Waits until what was noted is enough. It looks at the entries and waits for more than those: one that comes in
    /// between is not missed.
    func wait(until isEnough: ([Entry]) -> Bool) async throws {
        var seen = entries
        while !isEnough(seen) { seen = try await wait(for: seen.count + 1) }
    }
}
