import ArgumentParser
import MimiMessaging

struct TopologyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a service needs, as a table or a picture. Needs no broker.")

    /// How it is shown.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, mermaid, dot
    }

    @Argument(help: "The description that the service has printed: a file, or -.")
    var description: String

    @Option(help: "How to show it.")
    var format = Format.table

    @OptionGroup var output: OutputOptions

    func run() throws {
        let topology = try TopologyDescription.read(description)
        try output.show(topology) {
            switch format {
            case .mermaid: Console.line(TopologyGraph(topology).mermaid)
            case .dot: Console.line(TopologyGraph(topology).dot)
            case .table:
                var table = Table("TOPIC", "QUEUE", "RETRIES AFTER", "SINGLE")
                for processor in topology.processors {
                    let delays = processor.retryDelays.map(Units.milliseconds)
                    table.append(
                        processor.topic ?? "-", processor.queue ?? "(each instance)", delays.joined(separator: ", "),
                        processor.isSingleActive ? "yes" : "-")
                }
                table.show()
            }
        }
    }
}
