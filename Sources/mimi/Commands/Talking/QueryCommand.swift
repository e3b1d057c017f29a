import ArgumentParser
import MimiMessaging

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Ask a processor and print its answer.",
        discussion: """
              mimi query orders/show '{"id": 123}'
              mimi query orders/show '{"id": 123}' --timeout 2 --json | jq .total

            With --json the answer stands on one line as it came.
            """)

    @Argument(help: "The queue and the method: orders/show.")
    var target: String

    @OptionGroup var sending: SendingOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try RequestTarget(target)
        let (headers, timeout) = (sending.messageHeaders, sending.timeLimit)
        let onOneLine = output.json || sending.isBulk
        _ = try await connection.withBus { [sending] bus in
            try await BulkSender(options: sending).run { message in
                let answer = try await bus.query(target, message, headers: headers, timeout: timeout).values()
                Console.line(onOneLine ? try JSONOutput.line(answer) : try JSONOutput.pretty(answer))
            }
        }
    }
}
