import Foundation

/// `Scripts/broker`, as tests call it.
enum BrokerScript {
    /// Runs it and gives what it prints. On a thread of its own: it takes seconds, and there are as many threads for tasks
    /// as the machine has cores.
    @discardableResult
    static func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    /// The same for arguments that come as a list.
    @discardableResult
    static func run(_ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(arguments) })
            }
        }
    }

    private static func runAndWait(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try TestBroker.requireControl())
        process.arguments = arguments
        // The broker of the other tests is none of its business.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MIMI_RABBITMQ") }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestBroker.Unavailable(description: "Scripts/broker \(arguments.joined(separator: " ")) failed")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

/// A broker of its own that lets nobody in over TLS who has no certificate, and that knows users with few rights.
struct GuardedBroker {
    /// The plain listener, for the user guest.
    let url: String
    /// The port of the TLS listener, on localhost.
    let tlsPort: Int
    private let name: String
    private let folder: String

    init(named name: String) async throws {
        self.name = name
        try await BrokerScript.run("--name", name, "--mutual-tls", "start")
        var variables: [String: String] = [:]
        for line in try await BrokerScript.run("--name", name, "env").split(separator: "\n") {
            let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            variables[String(parts[0])] = parts[1].trimmingCharacters(in: ["'"])
        }
        guard let url = variables["MIMI_RABBITMQ_URL"], let folder = variables["MIMI_RABBITMQ_TLS_DIR"],
            let tlsPort = variables["MIMI_RABBITMQ_TLS_URL"].flatMap({ URLComponents(string: $0)?.port })
        else { throw TestBroker.Unavailable(description: "Scripts/broker env says too little") }
        (self.url, self.folder, self.tlsPort) = (url, folder, tlsPort)
    }

    /// A file among its certificates.
    func file(_ name: String) -> String { folder + "/" + name }

    /// Adds a user with these permissions, whose password is the name; or changes them.
    func addUser(_ user: String, configure: String, write: String, read: String) async throws {
        try await BrokerScript.run("--name", name, "user", user, configure, write, read)
    }

    /// The plain listener's URL for a user of ``addUser(_:configure:write:read:)``.
    func url(for user: String) -> String { url.replacing("guest:guest", with: "\(user):\(user)") }

    func stop() async throws { try await BrokerScript.run("--name", name, "stop") }
}
