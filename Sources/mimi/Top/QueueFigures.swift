import MimiMessaging
import MimiMessagingRabbitMQ

/// One queue with all that belongs to it, at one moment. What nobody can tell is nil.
struct QueueFigures: Encodable, Equatable {
    let name: String
    let ready: Int?
    /// How many a processor holds.
    var held: Int?
    var consumers: Int?
    /// How many come in a second.
    var incoming: Double?
    /// How many go in a second.
    var outgoing: Double?
    /// When its oldest message was sent, in seconds since 1970.
    var oldestSentAt: Int?
    /// How many wait for their next attempt.
    var retrying: Int?
    /// How many were given up.
    var dead: Int?

    private enum CodingKeys: String, CodingKey {
        case name, ready, held, consumers, retrying, dead
        case incoming = "in_per_second"
        case outgoing = "out_per_second"
        case oldestSentAt = "oldest_sent_at"
    }

    /// The queues with their dead letters and retries, those with the most to do first.
    /// - Parameters:
    ///   - queues: All queues of a virtual host.
    ///   - chosen: The names of those to show; none for all.
    static func all(_ queues: [ManagementQueue], chosen: Set<String>) -> [QueueFigures] {
        // What belongs to another queue stands in that one's line.
        let parts = Set(queues.map { QueueNames.deadLetters(of: $0.name) })
        let byName = Dictionary(queues.map { ($0.name, $0) }) { first, _ in first }
        var retrying: [String: Int] = [:]
        for queue in queues {
            if let base = QueueNames.retriedQueue(of: queue.name) { retrying[base, default: 0] += queue.ready ?? 0 }
        }
        return queues.filter { queue in
            if !chosen.isEmpty { return chosen.contains(queue.name) }
            let retried = QueueNames.retriedQueue(of: queue.name).flatMap { byName[$0] }
            return !parts.contains(queue.name) && retried == nil
        }.map { queue in
            QueueFigures(
                name: queue.name, ready: queue.ready, held: queue.unacknowledged, consumers: queue.consumers,
                incoming: queue.statistics?.published?.rate, outgoing: queue.statistics?.delivered?.rate,
                oldestSentAt: queue.oldestSentAt, retrying: retrying[queue.name],
                dead: byName[QueueNames.deadLetters(of: queue.name)]?.ready)
        }.sorted { ($1.ready ?? 0, $0.name) < ($0.ready ?? 0, $1.name) }
    }

    /// A table of them.
    static func table(_ figures: [QueueFigures]) -> Table {
        func text(_ number: Int?) -> String { number.map(String.init) ?? "-" }
        func text(_ rate: Double?) -> String { rate.map(Units.decimal) ?? "-" }
        var table = Table("QUEUE", "READY", "HELD", "IN/S", "OUT/S", "CONSUMERS", "OLDEST", "RETRYING", "DEAD")
        for queue in figures {
            table.append(
                queue.name, text(queue.ready), text(queue.held), text(queue.incoming), text(queue.outgoing),
                text(queue.consumers), Units.age(since: queue.oldestSentAt), text(queue.retrying), text(queue.dead))
        }
        return table
    }
}
