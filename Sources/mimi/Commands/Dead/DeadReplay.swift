import ArgumentParser
import MimiMessaging
import MimiMessagingRabbitMQ

struct DeadReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send dead letters to their queue again, as they were sent first.",
        discussion: """
            Each is confirmed by the broker before it leaves the dead letters: ended at any point, even by kill -9, this \
            leaves a message twice at worst, and loses none. Run it again for the rest.
            """)

    @Argument(help: "The queue: orders.")
    var queue: String

    @OptionGroup var filter: DeadLetterFilter

    @Flag(help: "Only count what would be sent.")
    var dryRun = false

    @Option(help: ArgumentHelp("How many to send in a second, at most.", valueName: "n"))
    var rate: Double?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (rate ?? 1) > 0 else { throw ValidationError("--rate must be more than 0") }
    }

    func run() async throws {
        try await DeadLetterRemoval(
            queue: queue, filter: filter, rate: dryRun ? nil : rate, isRehearsal: dryRun, verdict: .replay
        ).run(connection, output)
    }
}
