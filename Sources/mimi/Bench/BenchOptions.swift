import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

/// What all measurements have in common.
struct BenchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Size of the text in each body, in bytes.", valueName: "bytes"))
    var size = 256

    @Option(help: ArgumentHelp("How many at a time.", valueName: "n"))
    var concurrency = 16

    @Option(help: ArgumentHelp("How many in a second; without it as fast as it goes.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("How many in all, instead of --duration.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("How long to go on, in seconds.", valueName: "seconds"))
    var duration = 5.0

    @Option(help: ArgumentHelp("Keep the result in a file, for --compare.", valueName: "path"))
    var save: String?

    @Option(help: ArgumentHelp("Compare with a result that was kept.", valueName: "path"))
    var compare: String?

    @Option(help: ArgumentHelp("Draw the distribution of latencies into a file.", valueName: "path"))
    var svg: String?

    func validate() throws {
        guard (0...(8 << 20)).contains(size) else { throw ValidationError("--size must be 0 to 8388608") }
        guard (1...10_000).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 10000") }
        guard (rate ?? 1) > 0, (count ?? 1) > 0 else { throw ValidationError("--rate and --count must be more than 0") }
        guard (0.01...86_400).contains(duration) else { throw ValidationError("--duration must be 0.01 to 86400") }
    }

    var load: LoadGenerator {
        LoadGenerator(
            limit: count.map { .count($0) } ?? .duration(.seconds(duration)), concurrency: concurrency, rate: rate)
    }

    /// What is sent.
    var message: Message { ["text": .string(String(repeating: "x", count: size))] }

    /// Measures, after a short warm-up that does not count.
    func measure(
        _ what: String, _ operation: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> BenchReport {
        let warmUp = LoadGenerator(limit: .count(min(count ?? 200, 200)), concurrency: concurrency, rate: rate)
        _ = try await warmUp.run(done: {}) { try await operation(-1 - $0) }
        let done = Lock(0)
        let drawing = Task { [count] in
            var progress = Progress(what, total: count)
            while !Task.isCancelled {
                progress.show(done.withLock { $0 })
                try? await Task.sleep(for: .milliseconds(150))
            }
            progress.end()
        }
        let startedAt = Date.now
        let result = await Result.catching {
            try await load.run(done: { done.withLock { $0 += 1 } }, operation)
        }
        drawing.cancel()
        await drawing.value
        return BenchReport(try result.get(), what: what, size: size, load: load, startedAt: startedAt)
    }

    /// Shows what was found, and keeps and draws it where that is wanted.
    /// - Throws: an exit code if nothing succeeded: there is nothing measured then.
    func show(_ report: BenchReport, _ output: OutputOptions) throws {
        let earlier = try compare.map(Self.read)
        if let save { try Self.write(JSONOutput.line(report) + "\n", to: save) }
        if let svg {
            let before = earlier.map { [(name: "before", report: $0)] } ?? []
            try Self.write(LatencyPicture(curves: [(name: "now", report: report)] + before).svg, to: svg)
        }
        try output.show(report) { report.lines(comparedWith: earlier).forEach(Console.line) }
        guard report.count > 0 else { throw ExitCode(ExitStatus.failure.rawValue) }
    }

    private static func read(_ path: String) throws -> BenchReport {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let data = FileManager.default.contents(atPath: path),
            let report = try? decoder.decode(BenchReport.self, from: data)
        else { throw ToolError("the file '\(path)' holds no result of --save") }
        return report
    }

    private static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw ToolError("the file '\(path)' cannot be written")
        }
    }
}

extension Result where Failure == any Error, Success: Sendable {
    /// What an operation returns or throws.
    static func catching(_ operation: () async throws -> Success) async -> Result {
        do { return .success(try await operation()) } catch { return .failure(error) }
    }
}
