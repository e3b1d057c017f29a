import Foundation

/// The tool while it runs.
final class RunningTool: Sendable {
    private let process: Process
    private let outputFile: URL
    private let errorFile: URL
    private let ended: AsyncStream<Int32>

    init(
        _ binary: URL, _ arguments: [String], environment: [String: String], folder: URL,
        input: FileHandle = .nullDevice, standardOutput: FileHandle? = nil
    ) throws {
        let name = UUID().uuidString
        outputFile = folder.appendingPathComponent("output-" + name)
        errorFile = folder.appendingPathComponent("errors-" + name)
        try Data().write(to: outputFile)
        try Data().write(to: errorFile)
        let (ended, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.ended = ended
        process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.environment = environment
        process.standardInput = input
        process.standardOutput = try standardOutput ?? FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
    }

    /// What it has written so far.
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

    /// What it has written to standard error so far.
    var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    var processIdentifier: Int32 { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until it has ended, and gives its exit status, or the signal.
    func end() async -> Int32 {
        for await status in ended { return status }
        return process.terminationStatus
    }
}
