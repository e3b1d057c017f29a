import ArgumentParser
import MimiMessaging
import MimiMessagingRabbitMQ

struct DeadPeek: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peek", abstract: "Show dead letters in full, oldest first. They stay where they are.")

    @Argument(help: "The queue whose dead letters they are: orders.")
    var queue: String

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var filter = filter
        // A terminal holds a few; machines take what there is.
        if filter.limit == nil, !output.json { filter.limit = 10 }
        let walk = DeadLetterWalk(queue: queue, filter: filter)
        try await connection.withAdministration { [output] administration in
            try await walk.run(on: administration) { letter in
                let view = DeadLetterView(letter)
                try output.show(view) { view.lines.forEach(Console.line) }
                return .keep
            }
        }
    }
}
