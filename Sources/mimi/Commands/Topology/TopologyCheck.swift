import ArgumentParser
import MimiMessaging
import MimiMessagingRabbitMQ

struct TopologyCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what the broker has not, or has otherwise. Changes nothing.",
        discussion: """
            AMQP tells of queues, exchanges and their arguments; the management API of bindings, and of queues that nobody \
            needs any more. Exit status: 0 all is there, 10 something is there that should not be, 11 something is missing \
            or different.
            """)

    @Argument(help: "The description that the service has printed: a file, or -.")
    var description: String

    @Flag(help: "Show what is as it should be, too.")
    var all = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let topology = try TopologyDescription.read(description)
        let management = try connection.resolved().managementURL
        let (differences, absence) = try await connection.withAdministration { administration in
            let findings = try await administration.inspect(topology)
            do {
                let (api, _) = try await ManagementAPI.find(management, for: administration).get()
                let bindings: [ManagementBinding] = try await api.get("bindings", ManagementAPI.vhost)
                let queues: [ManagementQueue] = try await api.get("queues", ManagementAPI.vhost)
                let settled = TopologyComparison.settle(findings, bindings)
                return (
                    settled.map(TopologyDifference.init) + TopologyComparison.orphans(findings, queues, bindings),
                    String?.none
                )
            } catch let absence as ManagementAbsence {
                return (findings.map(TopologyDifference.init), absence.text)
            }
        }
        // Without the management API no binding is known: one line says so for all of them.
        let shown = all ? differences : differences.filter { ![.present, .unsaid].contains($0.state) }
        if output.json {
            for difference in shown { Console.line(try JSONOutput.line(difference)) }
        } else if shown.isEmpty {
            let known = differences.count { $0.state != .unsaid }
            Console.line("\(known) things, all as they should be")
        } else {
            for difference in shown { Console.line(Self.text(difference)) }
        }
        if let absence { Console.note("bindings and orphans are not looked at: \(absence)") }
        let status = TopologyDifference.status(differences)
        guard status == .success else { throw ExitCode(status.rawValue) }
    }

    private static func text(_ difference: TopologyDifference) -> String {
        let state = difference.state.rawValue
        let mark =
            switch difference.state {
            case .present: Style.green(state)
            case .unknown, .unsaid: Style.dim(state)
            case .orphan: Style.yellow(state)
            case .missing, .different: Style.red(state)
            }
        let explanation = difference.explanation.map { ": \($0.printable)" } ?? ""
        return "\(mark)  \(difference.kind) \(difference.name.printable)\(explanation)"
    }
}
