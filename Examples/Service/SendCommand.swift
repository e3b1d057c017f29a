import ArgumentParser
import MimiMessaging

/// Sends work to the service, and does not wait for it.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "send", abstract: "Send a report to be rendered.")

    @Argument(help: "The title of the report.") var title: String
    @Option(help: "How long rendering takes, in milliseconds.") var milliseconds = 2000

    func run() async throws {
        let bus = try messageBus(logger: serviceLogger())
        try await bus.start(processors: false)
        try await bus.command(RenderReport(title: title, milliseconds: milliseconds))
        await bus.stop()
        say("sent '\(title)'")
    }
}
