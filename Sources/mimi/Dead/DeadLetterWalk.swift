import MimiMessaging
import MimiMessagingRabbitMQ

/// A pass over the dead letters that a filter means.
struct DeadLetterWalk: Sendable {
    let queue: String
    let filter: DeadLetterFilter
    /// How many are dealt with in a second, at most.
    var rate: Double?
    /// What is drawn while it runs; nil for nothing.
    var label: String?
    let tally = Lock(DeadLetterTally())

    /// Deals with each of them.
    /// - Parameter deal: Says what becomes of it.
    func run(
        on administration: BrokerAdministration, _ deal: (DeadMessage) async throws -> DeadLetterVerdict
    ) async throws {
        let status = try await administration.requireDeadLetters(of: queue)
        var progress = Progress(
            label ?? "", total: filter.limit.map { min($0, status.messages) } ?? status.messages,
            isShown: label != nil && Console.drawsProgress)
        defer { progress.end() }
        var pacer = Pacer(rate: rate)
        var matched = 0
        var seen = 0
        try await administration.sweepDeadLetters(of: queue, tally: tally) { letter in
            if let limit = filter.limit, matched == limit { return .stop }
            seen += 1
            progress.show(seen)
            guard filter.matches(letter) else { return .keep }
            matched += 1
            try await pacer.turn()
            return try await deal(letter)
        }
    }
}

extension BrokerAdministration {
    /// What is among the dead letters of a queue now.
    /// - Throws: ``MessagingError/Code/unroutable`` if it has no queue for them.
    @discardableResult
    func requireDeadLetters(of queue: String) async throws -> QueueStatus {
        guard let status = try await deadLetterStatus(of: queue) else {
            throw MessagingError(.unroutable, "the queue has no dead letters' queue here", target: queue)
        }
        return status
    }
}
