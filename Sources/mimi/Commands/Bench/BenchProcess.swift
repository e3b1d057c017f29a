import ArgumentParser
import MimiMessaging

struct BenchProcess: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process", abstract: "How long it takes from sending a command to the end of its processing.")

    @Option(help: ArgumentHelp("How long each handler works, in milliseconds.", valueName: "ms"))
    var work = 0.0

    @OptionGroup var bench: BenchOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...60_000).contains(work) else { throw ValidationError("--work must be 0 to 60000") }
    }

    func run() async throws {
        let place = BenchPlace()
        let target = try RequestTarget("\(place.queue)/run")
        let waiting = Lock<[Int: CheckedContinuation<Void, Never>]>([:])
        let report = try await place.run(connection) { [bench, work] bus in
            try await bus.requests(place.queue, options: BenchPlace.processorOptions(concurrency: bench.concurrency)) {
                $0.command("run") { message, _ in
                    if work > 0 { try await Task.sleep(for: .milliseconds(work)) }
                    let turn: Int = try message["turn"]
                    waiting.withLock { $0.removeValue(forKey: turn) }?.resume()
                }
            }
        } _: { [bench] bus in
            let message = bench.message
            let report = try await bench.measure("process") { turn in
                var message = message
                message["turn"] = .integer(turn)
                let sent = message
                try await Self.untilDone(turn, waiting) { try await bus.command(target, sent) }
            }
            return report
        }
        try bench.show(report, output)
    }

    /// Sends, and returns when the handler has ended.
    private static func untilDone(
        _ turn: Int, _ waiting: Lock<[Int: CheckedContinuation<Void, Never>]>,
        _ send: @escaping @Sendable () async throws -> Void
    ) async throws {
        @Sendable func end() { waiting.withLock { $0.removeValue(forKey: turn) }?.resume() }
        let failure = Lock<(any Error)?>(nil)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0[turn] = continuation }
                if Task.isCancelled { return end() }
                Task {
                    do {
                        try await send()
                    } catch {
                        failure.withLock { $0 = error }
                        end()
                    }
                }
            }
        } onCancel: {
            end()
        }
        if let error = failure.withLock({ $0 }) { throw error }
        try Task.checkCancellation()
    }
}
