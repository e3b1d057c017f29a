import ArgumentParser
import MimiMessaging
import MimiMessagingRabbitMQ

struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Count the dead letters of a queue, grouped by error and method.")

    @Argument(help: "The queue whose dead letters they are: orders.")
    var queue: String

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let walk = DeadLetterWalk(queue: queue, filter: filter, label: "looking at")
        let groups = try await connection.withAdministration { administration in
            var groups = DeadLetterGroups()
            try await walk.run(on: administration) { letter in
                groups.add(letter)
                return .keep
            }
            return groups.sorted
        }
        if output.json { return try groups.forEach { Console.line(try JSONOutput.line($0)) } }
        guard !groups.isEmpty else { return Console.line("no dead letters of \(queue)") }
        var table = Table("COUNT", "ERROR", "METHOD", "LAST", "MESSAGE")
        for group in groups {
            table.append(
                String(group.count), group.error, group.method ?? "-", Units.age(since: group.lastFailedAt),
                group.message.cut(to: 80))
        }
        table.show()
    }
}
