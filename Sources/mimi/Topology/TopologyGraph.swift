import MimiMessaging
import MimiMessagingRabbitMQ

/// What a service listens to, as a graph: topics lead to queues, queues to processors and to their dead letters.
struct TopologyGraph: Equatable {
    enum Shape {
        case topic, queue, deadLetters, processor
    }

    struct Node: Hashable {
        let name: String
        let shape: Shape
    }

    struct Edge: Hashable {
        let from: Node
        let to: Node
        let label: String?
    }

    /// In the order in which they were found, each once.
    private(set) var nodes: [Node] = []
    private(set) var edges: [Edge] = []

    init(_ topology: BusTopology) {
        for (number, processor) in topology.processors.enumerated() {
            let end = Node(name: "processor \(number + 1)", shape: .processor)
            let topic = processor.topic.map { Node(name: $0, shape: .topic) }
            guard let name = processor.queue else {
                if let topic { connect(topic, end, "each instance") }
                continue
            }
            let queue = Node(name: name, shape: .queue)
            if let topic { connect(topic, queue, nil) }
            connect(queue, end, processor.isSingleActive ? "one at a time" : nil)
            if !processor.retryDelays.isEmpty {
                let delays = processor.retryDelays.map(Units.milliseconds)
                connect(queue, queue, "again after " + delays.joined(separator: ", "))
            }
            connect(queue, Node(name: QueueNames.deadLetters(of: name), shape: .deadLetters), nil)
        }
    }

    private mutating func connect(_ from: Node, _ to: Node, _ label: String?) {
        for node in [from, to] where !nodes.contains(node) { nodes.append(node) }
        let edge = Edge(from: from, to: to, label: label)
        if !edges.contains(edge) { edges.append(edge) }
    }

    /// For Mermaid, as GitHub shows it.
    var mermaid: String {
        let numbers = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, "n\($0)") })
        var lines = ["flowchart LR"]
        for node in nodes {
            let name = "\"\(Self.plain(node.name))\""
            let drawn =
                switch node.shape {
                case .topic: "{{\(name)}}"
                case .queue: "[(\(name))]"
                case .deadLetters: "[/\(name)/]"
                case .processor: "([\(name)])"
                }
            lines.append("    \(numbers[node] ?? "")\(drawn)")
        }
        for edge in edges {
            let label = edge.label.map { "|\"\(Self.plain($0))\"|" } ?? ""
            lines.append("    \(numbers[edge.from] ?? "") -->\(label) \(numbers[edge.to] ?? "")")
        }
        return lines.joined(separator: "\n")
    }

    /// For Graphviz.
    var dot: String {
        let numbers = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, "n\($0)") })
        var lines = ["digraph topology {", "    rankdir=LR;"]
        for node in nodes {
            let shape =
                switch node.shape {
                case .topic: "hexagon"
                case .queue: "cylinder"
                case .deadLetters: "note"
                case .processor: "box"
                }
            lines.append("    \(numbers[node] ?? "") [label=\"\(Self.plain(node.name))\", shape=\(shape)];")
        }
        for edge in edges {
            let label = edge.label.map { " [label=\"\(Self.plain($0))\"]" } ?? ""
            lines.append("    \(numbers[edge.from] ?? "") -> \(numbers[edge.to] ?? "")\(label);")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    /// Text that can stand between quotes.
    private static func plain(_ text: String) -> String {
        text.printable.replacing("\\", with: "/").replacing("\"", with: "'")
    }
}
