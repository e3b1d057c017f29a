import MimiMessaging
import MimiMessagingRabbitMQ

/// Takes dead letters away, by replaying or dropping them, or only says what that would do.
struct DeadLetterRemoval {
    let queue: String
    let filter: DeadLetterFilter
    let rate: Double?
    /// Whether nothing is to be done, only counted.
    let isRehearsal: Bool
    /// `replay` or `drop`.
    let verdict: DeadLetterVerdict

    /// What was done, for the user.
    private struct Report: Encodable {
        let queue: String
        let replayed: Int?
        let dropped: Int?
        /// What would have been done.
        let matching: Int?
        let kept: Int
    }

    func run(_ connection: ConnectionOptions, _ output: OutputOptions) async throws {
        let walk = DeadLetterWalk(
            queue: queue, filter: filter, rate: rate, label: verdict == .drop ? "dropping" : "replaying")
        let matching: Int
        do {
            matching = try await connection.withAdministration { [isRehearsal, verdict] administration in
                var matching = 0
                try await walk.run(on: administration) { letter in
                    matching += 1
                    return isRehearsal ? .keep : verdict
                }
                return matching
            }
        } catch {
            let done = walk.tally.withLock { $0.replayed + $0.dropped }
            if done > 0 { Console.note("\(done) were \(deed) before this; the rest is where it was.") }
            throw error
        }
        let tally = walk.tally.withLock { $0 }
        let report = Report(
            queue: queue, replayed: isRehearsal || verdict == .drop ? nil : tally.replayed,
            dropped: isRehearsal || verdict == .replay ? nil : tally.dropped, matching: isRehearsal ? matching : nil,
            kept: tally.kept)
        try output.show(report) {
            if isRehearsal { return Console.line("\(matching) of \(queue) would be \(deed)") }
            Console.line("\(deed) \(tally.replayed + tally.dropped) of \(queue), kept \(tally.kept)")
        }
    }

    private var deed: String { verdict == .drop ? "dropped" : "replayed" }
}
