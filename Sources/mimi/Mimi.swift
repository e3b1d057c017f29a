import ArgumentParser
import Foundation

/// The operator's tool.
@main
struct Mimi: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mimi",
        abstract: "Talk to services by commands, queries and events, and look after their queues.",
        usage: "mimi <subcommand> [options]",
        discussion: """
            Where to connect comes from one place, the first that is there:
              1. --url, --adapter or --context
              2. MQ_URL, MQ_HOST or MQ_ADAPTER, with the other MQ_… variables of a service
              3. the context that `mimi context use` has chosen
              4. amqp://guest:guest@localhost
            --option KEY=VALUE adds to it, for example -o mq_tls_ca_file=ca.pem.

            \(ExitStatus.explanation)

            Every command takes --json. Colours are left out where output is no terminal, and where NO_COLOR is set.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Talk",
                subcommands: [SendCommand.self, QueryCommand.self, SendEvent.self, Listen.self, Serve.self]),
            CommandGroup(
                name: "Look after", subcommands: [Dead.self, Top.self, Doctor.self, Topology.self, Bench.self]),
            CommandGroup(name: "Connect", subcommands: [Context.self]),
        ])

    static func main() async {
        // A pipe that nobody reads is an error of the write, and not the end of the process. A handler that does nothing
        // says so without the programs of `mimi serve` inheriting it, as they would if the signal were ignored.
        _ = signal(SIGPIPE) { _ in }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exitWithReport(of: error)
        }
    }
}
