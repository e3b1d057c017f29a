import Foundation
import Testing

/// The built tool, run as a process, as a user runs it.
struct Tool {
    /// How it ended, and what it wrote.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// The lines of the result.
        var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }

        /// Each line of the result as JSON.
        func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> [Value] {
            try lines.map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
        }
    }

    /// A folder of its own for contexts and files; removed by ``remove()``.
    let home: URL
    private let environment: [String: String]

    /// - Parameter url: The broker; nil for none in the environment.
    init(url: String? = TestBroker.url, namespace: String = "") throws {
        home = FileManager.default.temporaryDirectory.appendingPathComponent("mimi-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        var environment = ["HOME": home.path, "XDG_CONFIG_HOME": home.appendingPathComponent("config").path]
        // Under a sanitizer the tool is told what the tests are told.
        for name in ["PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"] {
            environment[name] = ProcessInfo.processInfo.environment[name]
        }
        environment["MQ_URL"] = url
        if !namespace.isEmpty { environment["MQ_NAMESPACE"] = namespace }
        self.environment = environment
    }

    func remove() { try? FileManager.default.removeItem(at: home) }

    /// Runs it to its end.
    @discardableResult
    func run(_ arguments: String..., input: String = "", environment more: [String: String] = [:]) async throws
        -> Outcome
    {
        try await run(arguments, input: input, environment: more)
    }

    /// Runs it to its end.
    func run(_ arguments: [String], input: String = "", environment more: [String: String] = [:]) async throws
        -> Outcome
    {
        let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: file("input-" + UUID().uuidString, input)))
        let tool = try RunningTool(
            Self.binary, arguments, environment: environment.merging(more) { _, new in new }, folder: home, input: input
        )
        return Outcome(status: await tool.end(), output: tool.output, errors: tool.errors)
    }

    /// Starts it, for what runs until it is ended.
    /// - Parameter output: Where its output goes; nil for a file.
    func start(_ arguments: String..., output: FileHandle? = nil) throws -> RunningTool {
        try RunningTool(Self.binary, arguments, environment: environment, folder: home, standardOutput: output)
    }

    /// Writes a file into the folder and gives its path.
    func file(_ name: String, _ content: String) throws -> String {
        let file = home.appendingPathComponent(name)
        try Data(content.utf8).write(to: file)
        return file.path
    }

    /// Beside the tests' own binary; on macOS beside their bundle.
    static let binary: URL = {
        #if os(macOS)
        let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        #else
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL as URL?
        #endif
        return (tests ?? URL(fileURLWithPath: "/")).deletingLastPathComponent().appendingPathComponent("mimi")
    }()
}
