import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

struct DeadExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write dead letters to a file, one JSON object on a line. They stay where they are.",
        discussion: """
            The file has all that a message has on the wire. Where a body has to be mended, mend it there; then:

              mimi dead export orders --error invalid_total -f broken.jsonl
              mimi dead drop orders --error invalid_total --yes
              mimi dead import orders -f mended.jsonl
              mimi dead replay orders
            """)

    @Argument(help: "The queue whose dead letters they are: orders.")
    var queue: String

    @Option(name: [.short, .long], help: ArgumentHelp("A new file. Default: standard output.", valueName: "path"))
    var file: String?

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let destination = try file.map(Self.create) ?? .standardOutput
        let walk = DeadLetterWalk(queue: queue, filter: filter, label: file == nil ? nil : "exporting")
        let (written, unreadable) = try await connection.withAdministration { administration in
            var (written, unreadable) = (0, 0)
            try await walk.run(on: administration) { letter in
                guard let archived = letter.archived else {
                    unreadable += 1
                    return .keep
                }
                try destination.write(contentsOf: Data((JSONOutput.line(archived) + "\n").utf8))
                written += 1
                return .keep
            }
            return (written, unreadable)
        }
        if unreadable > 0 { Console.note("\(unreadable) are over a limit of the client and were left out") }
        guard let file else { return }
        try output.show(["exported": written]) { Console.line("exported \(written) of \(queue) to \(file)") }
    }

    /// A new file that only its owner can read: messages may hold what is nobody's business.
    private static func create(_ path: String) throws -> FileHandle {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw ToolError("the file '\(path)' is there already, or cannot be written") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
