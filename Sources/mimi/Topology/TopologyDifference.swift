import MimiMessaging
import MimiMessagingRabbitMQ

/// One thing that a service needs, or that should not be there, and how it stands.
struct TopologyDifference: Encodable, Equatable {
    enum State: String, Encodable {
        case present, missing, different, unknown
        /// Only the management API could tell.
        case unsaid
        /// A queue that nobody needs any more, and that holds or gets messages.
        case orphan
    }

    let kind: String
    let name: String
    let state: State
    let explanation: String?

    init(_ finding: TopologyFinding) {
        kind = finding.kind.rawValue
        name = finding.exchange.map { Self.binding(of: finding, to: $0) } ?? finding.name
        state =
            switch finding.state {
            case .present: .present
            case .missing: .missing
            case .different: .different
            case .unknown: finding.reason == nil ? .unsaid : .unknown
            }
        explanation =
            switch finding.state {
            case .present: nil
            case .missing: "mimi topology apply, or a start of the service, declares it"
            case .different:
                "\(finding.reason ?? "declared otherwise"): delete it when it is empty, or change the service's options"
            case .unknown: finding.reason
            }
    }

    init(kind: String, name: String, state: State, explanation: String?) {
        self.kind = kind
        self.name = name
        self.state = state
        self.explanation = explanation
    }

    /// An exchange leads to a queue by several bindings: what each lets through tells them apart.
    private static func binding(of finding: TopologyFinding, to exchange: String) -> String {
        let conditions = finding.details.filter { $0.key != "x-match" }.sorted { $0.key < $1.key }
        let text = conditions.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return "\(exchange) → \(finding.name)" + (text.isEmpty ? "" : " (\(text))")
    }

    /// How the tool ends with these.
    static func status(_ differences: [TopologyDifference]) -> ExitStatus {
        let states = Set(differences.map(\.state))
        if states.contains(.missing) || states.contains(.different) { return .problems }
        return states.contains(.orphan) ? .warnings : .success
    }
}

/// What the management API adds to what AMQP tells. Pure.
enum TopologyComparison {
    /// The findings, with an answer for each binding.
    /// - Parameter bindings: All bindings of the virtual host.
    static func settle(_ findings: [TopologyFinding], _ bindings: [ManagementBinding]) -> [TopologyFinding] {
        findings.map { finding in
            guard finding.kind == .binding, let exchange = finding.exchange else { return finding }
            let isThere = bindings.contains { binding in
                binding.source == exchange && binding.destination == finding.name && binding.destinationType == "queue"
                    && binding.arguments.mapValues(text) == finding.details
            }
            var settled = finding
            settled.state = isThere ? .present : .missing
            return settled
        }
    }

    /// Queues that nobody needs any more: steps of a retry ladder that the service no longer has, and queues of its topics
    /// that fill while nobody listens.
    static func orphans(
        _ findings: [TopologyFinding], _ queues: [ManagementQueue], _ bindings: [ManagementBinding]
    ) -> [TopologyDifference] {
        let needed = Set(findings.filter { $0.kind == .queue }.map(\.name))
        let topics = Set(findings.filter { $0.kind == .exchange && $0.details["type"] == "fanout" }.map(\.name))
        return queues.filter { !needed.contains($0.name) }.compactMap { queue in
            let waiting = queue.ready ?? 0
            if let retried = QueueNames.retriedQueue(of: queue.name), needed.contains(retried) {
                return TopologyDifference(
                    kind: "queue", name: queue.name, state: .orphan,
                    explanation:
                        "the service retries after other delays now; \(waiting) wait in it, delete it when none do")
            }
            let topic = bindings.first { $0.destination == queue.name && topics.contains($0.source) }?.source
            guard let topic, queue.consumers == 0, waiting > 0 else { return nil }
            return TopologyDifference(
                kind: "queue", name: queue.name, state: .orphan,
                explanation:
                    "it fills from '\(topic)' (\(waiting) wait) and nobody listens: start its service, or delete it")
        }
    }

    /// A value as AMQP's side of the comparison writes it.
    private static func text(_ value: MessageValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let value): String(value)
        default: (try? JSONOutput.line(["value": value])) ?? ""
        }
    }
}
