import ArgumentParser
import MimiMessaging

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command", abstract: "Send a command to a queue. Returns when the broker has it.",
        discussion: """
              mimi command users/lock '{"id": "b3cc29c8"}'
              mimi command users/lock @user.json -H source=support
              jq -c .users[] dump.json | mimi command users/import --lines --rate 100
            """)

    @Argument(help: "The queue and the method: users/lock.")
    var target: String

    @OptionGroup var sending: SendingOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try RequestTarget(target)
        let (headers, timeout) = (sending.messageHeaders, sending.timeLimit)
        let (sent, elapsed) = try await connection.withBus { [sending] bus in
            try await BulkSender(options: sending).run { message in
                try await bus.command(target, message, headers: headers, timeout: timeout)
            }
        }
        let report = SendReport(target: target.description, sent: sent, seconds: elapsed.inSeconds)
        try output.show(report) { Console.line(report.text) }
    }
}
