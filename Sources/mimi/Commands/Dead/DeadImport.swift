import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

struct DeadImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Put exported messages among the dead letters of a queue.",
        discussion: "When it is interrupted, it says with which --skip to go on.")

    @Argument(help: "The queue whose dead letters they become: orders.")
    var queue: String

    @Option(name: [.short, .long], help: ArgumentHelp("The file. Default: standard input.", valueName: "path"))
    var file: String?

    @Option(help: ArgumentHelp("Leave so many lines out at the beginning.", valueName: "n"))
    var skip = 0

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let file { try Self.readStandardInput(from: file) }
        let handedOver = Lock(0)
        do {
            let count = try await connection.withAdministration { [queue, skip] administration in
                try await administration.requireDeadLetters(of: queue)
                var number = 0
                return try await administration.addDeadLetters(to: queue) {
                    while let line = readLine(strippingNewline: true) {
                        number += 1
                        if number <= skip || line.allSatisfy(\.isWhitespace) { continue }
                        // The line before is confirmed when this one is asked for.
                        handedOver.withLock { $0 = number - 1 }
                        try Task.checkCancellation()
                        return try Self.message(line, number)
                    }
                    return nil
                }
            }
            try output.show(["imported": count]) { Console.line("imported \(count) into the dead letters of \(queue)") }
        } catch {
            let done = handedOver.withLock { $0 }
            if done > 0 { Console.note("The first \(done) lines are done: --skip \(done) goes on from there.") }
            throw error
        }
    }

    /// Puts the file in the place of standard input, so that there is one way to read lines.
    private static func readStandardInput(from path: String) throws {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0, dup2(descriptor, STDIN_FILENO) >= 0 else {
            throw ToolError("the file '\(path)' cannot be read")
        }
        close(descriptor)
    }

    private static func message(_ line: String, _ number: Int) throws -> ArchivedMessage {
        do {
            return try JSONDecoder().decode(ArchivedMessage.self, from: Data(line.utf8))
        } catch {
            throw ToolError("line \(number) is no exported message")
        }
    }
}
