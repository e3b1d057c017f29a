import Foundation
import MimiMessaging

/// What the management API tells. Pure: facts go in, diagnoses come out.
enum ManagementChecks {
    static func nodes(_ nodes: [ManagementNode]) -> [Diagnosis] {
        var diagnoses: [Diagnosis] = []
        for node in nodes {
            func problem(_ text: String, _ remedy: String) {
                diagnoses.append(Diagnosis("node \(node.name)", .problem, text, remedy: remedy))
            }
            if node.isRunning == false { problem("it does not run", "rabbitmqctl -n \(node.name) start_app") }
            if node.hasMemoryAlarm == true {
                problem("memory alarm: the cluster takes no messages", "rabbitmqctl set_vm_memory_high_watermark 0.6")
            }
            if node.hasDiskAlarm == true {
                problem("disk alarm: the cluster takes no messages", "Free disk space on that node.")
            }
            if let others = node.partitions, !others.isEmpty {
                problem("it does not see \(others.joined(separator: ", "))", "Restart the nodes of the smaller part.")
            }
        }
        if diagnoses.isEmpty { diagnoses.append(Diagnosis("nodes", .ok, "\(nodes.count), without alarms")) }
        return diagnoses
    }

    static func clock(_ broker: Date?, now: Date = .now) -> Diagnosis {
        guard let broker else { return Diagnosis("clock", .unknown, "the broker did not tell its time") }
        let skew = Int(broker.timeIntervalSince(now).rounded())
        guard abs(skew) > 5 else { return Diagnosis("clock", .ok, "that of the broker agrees") }
        return Diagnosis(
            "clock", .warning,
            "that of the broker is \(abs(skew)) s \(skew > 0 ? "ahead" : "behind"); times of messages mislead",
            remedy: "timedatectl set-ntp true, on both machines")
    }

    /// What a policy may not change without changing what this layer promises.
    private static let delicate = [
        "message-ttl", "expires", "max-length", "max-length-bytes", "overflow", "dead-letter-exchange",
        "dead-letter-routing-key", "dead-letter-strategy", "delivery-limit",
    ]

    static func policy(_ queue: ManagementQueue) -> Diagnosis? {
        guard let definition = queue.effectivePolicy else { return nil }
        let found = delicate.filter { definition[$0] != nil }
        guard !found.isEmpty else { return nil }
        let policy = queue.policy.flatMap { $0.isEmpty ? nil : $0 } ?? "an operator policy"
        return Diagnosis(
            "policy on \(queue.name)", .warning,
            "'\(policy)' sets \(found.joined(separator: ", ")), which may lose messages",
            remedy: "rabbitmqctl clear_policy '\(policy)', or let its pattern leave this queue out")
    }

    /// How often a quorum queue delivers a message that kills its processes.
    static func deliveryLimit(_ queue: ManagementQueue) -> Diagnosis? {
        guard queue.type == "quorum" else { return nil }
        guard let limit = queue.arguments?["x-delivery-limit"]?.integer else {
            return Diagnosis(
                "delivery limit of \(queue.name)", .warning,
                "not set: RabbitMQ 4 drops what came back 20 times, older ones never",
                remedy: "mimi topology check; a queue is declared anew when it was deleted empty")
        }
        return Diagnosis("delivery limit of \(queue.name)", .ok, "\(limit)")
    }

    /// How long a handler may take before the broker closes its channel, where the queue itself says so.
    static func consumerTimeout(_ queue: ManagementQueue) -> Diagnosis? {
        let limits = [queue.arguments?["x-consumer-timeout"], queue.effectivePolicy?["consumer-timeout"]]
        guard let limit = limits.compactMap({ $0?.integer }).min() else { return nil }
        return Diagnosis(
            "consumer timeout of \(queue.name)", .ok, "a handler may take \(Units.milliseconds(limit))")
    }
}
