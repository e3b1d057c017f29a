import Foundation

/// A broker that a test may harm.
struct ControlledBroker {
    let url: String
    private let name: String

    init(named name: String) async throws {
        self.name = name
        _ = try await Self.run(name, "start")
        url = try await Self.run(name, "url").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// `kill`, `restart`, `pause`, `resume`, `alarm on`, …
    func control(_ fault: String...) async throws { _ = try await Self.run(name, "fault", fault) }

    /// Evaluates an Erlang expression inside the broker.
    func evaluate(_ expression: String) async throws { try await control("evaluate", expression) }

    /// Sets a parameter of RabbitMQ, for channels that are opened from now on. The size of messages is kept at a second
    /// place as well, and the others do not mind.
    func set(_ parameter: String, _ value: String) async throws {
        try await evaluate(
            "application:set_env(rabbit, \(parameter), \(value)), persistent_term:put(\(parameter), \(value))")
    }

    /// Adds a user who may do everything but write to exchanges whose name contains "forbidden".
    func add(user: String) async throws {
        try await evaluate(
            """
            rabbit_auth_backend_internal:add_user(<<"\(user)">>, <<"secret">>, <<"test">>), \
            rabbit_auth_backend_internal:set_permissions(<<"\(user)">>, <<"/">>, <<".*">>, \
            <<"^(?!.*forbidden).*$">>, <<".*">>, <<"test">>)
            """)
    }

    /// The URL for another user of ``add(user:)``.
    func url(for user: String) -> String { url.replacingOccurrences(of: "guest:guest", with: "\(user):secret") }

    /// On a thread of its own: it takes seconds, and there are as many threads for tasks as the machine has cores.
    private static func run(_ name: String, _ command: String, _ arguments: [String] = []) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(name, command, arguments) })
            }
        }
    }

    private static func runAndWait(_ name: String, _ command: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try TestBroker.controlPath)
        process.arguments = ["--name", name, command] + arguments
        // The broker of the other tests is none of its business.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MIMI_RABBITMQ") }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestBroker.Unavailable(description: "\(command) of the broker '\(name)' failed")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension TestBroker {
    /// The script that controls brokers.
    static var control: String? { ProcessInfo.processInfo.environment["MIMI_RABBITMQ_CONTROL"] }

    fileprivate static var controlPath: String {
        get throws {
            guard let control else { throw Unavailable(description: "MIMI_RABBITMQ_CONTROL is not set") }
            return control
        }
    }
}
