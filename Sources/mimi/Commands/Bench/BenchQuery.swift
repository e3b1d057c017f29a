import ArgumentParser
import MimiMessaging

struct BenchQuery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "How long a query takes to be answered.",
        discussion: "Without --target it answers itself, with what it was asked.")

    @Option(
        help: ArgumentHelp("Ask a service, for example orders/ping, which has to take any body.", valueName: "target"))
    var target: String?

    @OptionGroup var bench: BenchOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let place = BenchPlace()
        let foreign = try target.map { try RequestTarget($0) }
        let own = try RequestTarget("\(place.queue)/run")
        let report = try await place.run(connection) { [bench] bus in
            guard foreign == nil else { return }
            try await bus.requests(place.queue, options: BenchPlace.processorOptions(concurrency: bench.concurrency)) {
                $0.query("run") { message, _ in message }
            }
        } _: { [bench] bus in
            let message = bench.message
            return try await bench.measure("query") { _ in _ = try await bus.query(foreign ?? own, message) }
        }
        try bench.show(report, output)
    }
}
