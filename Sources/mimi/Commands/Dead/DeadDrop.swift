import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

struct DeadDrop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Delete dead letters for ever. `mimi dead export` keeps them in a file first.")

    @Argument(help: "The queue whose dead letters they are: orders.")
    var queue: String

    @OptionGroup var filter: DeadLetterFilter

    @Flag(help: "Only count what would be deleted.")
    var dryRun = false

    @Flag(help: "Do not ask. Needed where there is nobody to ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if !yes, !dryRun {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ToolError("deleting needs --yes where there is nobody to ask")
            }
            Console.draw(
                "Delete \(filter.isEmpty ? "all" : "the chosen") dead letters of \(queue)? They cannot be brought back. [y/N] "
            )
            guard readLine()?.lowercased().hasPrefix("y") == true else { return Console.note("Nothing is deleted.") }
        }
        try await DeadLetterRemoval(queue: queue, filter: filter, rate: nil, isRehearsal: dryRun, verdict: .drop)
            .run(connection, output)
    }
}
