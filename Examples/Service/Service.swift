import ArgumentParser

/// A service as it is deployed: configured by its environment, logging, and gone gracefully when it is told to.
@main
struct Service: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Service",
        abstract: "Renders reports, one after the other, on request.",
        discussion: "MQ_ADAPTER, MQ_URL and the other options of the bus come from the environment.",
        subcommands: [RunCommand.self, SendCommand.self],
        defaultSubcommand: RunCommand.self)
}
