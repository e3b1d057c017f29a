import ArgumentParser
import MimiMessaging

struct SendEvent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "Publish an event to a topic. Returns when the broker has it for each queue that listens.",
        discussion: """
            That nobody listens is no error.

              mimi event users#locked '{"id": "b3cc29c8"}'
            """)

    @Argument(help: "The topic and the type: users#locked.")
    var target: String

    @OptionGroup var sending: SendingOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try EventTarget(target)
        let (headers, timeout) = (sending.messageHeaders, sending.timeLimit)
        let (sent, elapsed) = try await connection.withBus { [sending] bus in
            try await BulkSender(options: sending).run { message in
                try await bus.event(target, message, headers: headers, timeout: timeout)
            }
        }
        let report = SendReport(target: target.description, sent: sent, seconds: elapsed.inSeconds)
        try output.show(report) { Console.line(report.text) }
    }
}
