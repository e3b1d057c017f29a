import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch queues: depth, rates, consumers, oldest message, retries, dead letters.",
        discussion: """
            With the management API it shows all queues; without it those that are named, and of them what AMQP tells.

              mimi top
              mimi top orders billing.users --interval 1
              mimi top --once --json | jq 'select(.dead > 0)'
            """)

    @Argument(help: "Queues to watch. Default: all.")
    var queues: [String] = []

    @Option(help: ArgumentHelp("How often to look, in seconds.", valueName: "seconds"))
    var interval = 2.0

    @Flag(help: "Look once.")
    var once = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0.1...3600).contains(interval) else { throw ValidationError("--interval must be 0.1 to 3600") }
    }

    func run() async throws {
        let management = try connection.resolved().managementURL
        do {
            try await connection.withAdministration { [queues, interval, once, output] administration in
                let watch = try await Watch.start(administration, queues, management)
                let redraws = Console.hasTerminal && !once && !output.json
                while true {
                    let figures = try await watch.look()
                    if redraws { Console.clear() }
                    if output.json {
                        for queue in figures { Console.line(try JSONOutput.line(queue)) }
                    } else {
                        QueueFigures.table(figures).show()
                        if let absence = watch.absence { Console.note(Style.dim(absence)) }
                    }
                    if once { return }
                    try await Task.sleep(for: .seconds(interval))
                }
            }
        } catch is Interruption where !once {
            // The way in which this ends.
        }
    }
}

/// Where the figures come from.
private struct Watch {
    private let administration: BrokerAdministration
    private let queues: [String]
    private let api: ManagementAPI?
    /// Why some figures are missing.
    let absence: String?

    static func start(
        _ administration: BrokerAdministration, _ queues: [String], _ management: String?
    ) async throws -> Watch {
        switch try await ManagementAPI.find(management, for: administration) {
        case .success(let (api, _)):
            return Watch(administration: administration, queues: queues, api: api, absence: nil)
        case .failure(let absence):
            guard !queues.isEmpty else { throw ToolError("name the queues to watch: \(absence.text)") }
            return Watch(administration: administration, queues: queues, api: nil, absence: absence.text)
        }
    }

    func look() async throws -> [QueueFigures] {
        if let api {
            let all: [ManagementQueue] = try await api.get("queues", ManagementAPI.vhost)
            let chosen = Set(try queues.map(administration.brokerName))
            let figures = QueueFigures.all(all, chosen: chosen)
            guard let missing = chosen.subtracting(figures.map(\.name)).min() else { return figures }
            throw Self.noSuch(missing)
        }
        var figures: [QueueFigures] = []
        for queue in queues {
            guard let status = try await administration.status(of: queue) else { throw Self.noSuch(queue) }
            figures.append(
                QueueFigures(
                    name: try administration.brokerName(of: queue), ready: status.messages, consumers: status.consumers,
                    dead: try await administration.deadLetterStatus(of: queue)?.messages))
        }
        return figures
    }

    private static func noSuch(_ queue: String) -> MessagingError {
        MessagingError(.unroutable, "there is no such queue here", target: queue)
    }
}
