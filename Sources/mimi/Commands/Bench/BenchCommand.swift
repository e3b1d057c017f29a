import ArgumentParser
import MimiMessaging

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command", abstract: "How long the broker takes to confirm a command.")

    @OptionGroup var bench: BenchOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let place = BenchPlace()
        let target = try RequestTarget("\(place.queue)/run")
        let report = try await place.run(connection) { [bench] bus in
            try await bus.requests(place.queue, options: BenchPlace.processorOptions(concurrency: bench.concurrency)) {
                $0.command("run") { _, _ in }
            }
        } _: { [bench] bus in
            let message = bench.message
            return try await bench.measure("command") { _ in try await bus.command(target, message) }
        }
        try bench.show(report, output)
    }
}
