import ArgumentParser
import MimiMessaging

struct BenchEvent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "How long the broker takes to confirm an event for all that listen.")

    @Option(help: ArgumentHelp("How many listen, each with a queue that goes with it.", valueName: "n"))
    var listeners = 1

    @OptionGroup var bench: BenchOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...1000).contains(listeners) else { throw ValidationError("--listeners must be 0 to 1000") }
    }

    func run() async throws {
        let place = BenchPlace()
        let target = try EventTarget("\(place.topic)#run")
        let report = try await place.run(connection) { [bench, listeners] bus in
            for _ in 0..<listeners {
                try await bus.events(place.topic, options: BenchPlace.processorOptions(concurrency: bench.concurrency))
                {
                    $0.event("run") { _, _ in }
                }
            }
        } _: { [bench, listeners] bus in
            let message = bench.message
            let what = "event, \(listeners) listening"
            return try await bench.measure(what) { _ in try await bus.event(target, message) }
        }
        try bench.show(report, output)
    }
}
