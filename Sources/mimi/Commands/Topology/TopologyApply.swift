import ArgumentParser
import MimiMessaging
import MimiMessagingRabbitMQ

struct TopologyApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Declare what a service needs, as the service itself would.",
        discussion: """
            For users that may not configure: an operator declares, the service finds everything there. Nothing is \
            deleted, and nothing that is there is changed: what is different stops it, with exit status 11.
            """)

    @Argument(help: "The description that the service has printed: a file, or -.")
    var description: String

    @Flag(help: "Only say what is missing.")
    var dryRun = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let topology = try TopologyDescription.read(description)
        let findings = try await connection.withAdministration { [dryRun] administration in
            let findings = try await administration.inspect(topology)
            let isRefused = findings.contains { $0.state == .different }
            if !isRefused, !dryRun { try await administration.declare(topology) }
            return findings
        }
        let different = findings.filter { $0.state == .different }.map(TopologyDifference.init)
        guard different.isEmpty else {
            for difference in different {
                try output.show(difference) {
                    Console.line("\(difference.name.printable): \((difference.explanation ?? "").printable)")
                }
            }
            Console.note("Nothing is declared.")
            throw ExitCode(ExitStatus.problems.rawValue)
        }
        let missing = findings.filter { $0.state == .missing }.map { "\($0.kind.rawValue) \($0.name)" }
        try output.show(["missing": missing]) {
            let verb = dryRun ? "would be declared" : "declared"
            missing.forEach { Console.line("\(verb): \($0.printable)") }
            // Whether a binding is there, AMQP does not tell; they are all declared.
            let known = findings.count { $0.kind != .binding }
            Console.line("\(missing.count) of \(known) queues and exchanges \(dryRun ? "are" : "were") missing")
        }
    }
}
