import ArgumentParser

/// Three services of a shop, each a process of its own, which know each other only by the messages of `Messages.swift`.
@main
struct Shop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Shop",
        abstract: "A shop of three services that talk over RabbitMQ.",
        subcommands: [OrdersCommand.self, BillingCommand.self, CustomerCommand.self, CrowdCommand.self])
}
