import Foundation

/// A broker that a test may harm.
struct ControlledBroker {
    let url: String
    private let name: String

    /// - Parameter other: A broker that runs, to be one with.
    init(named name: String, joining other: String? = nil) async throws {
        self.name = name
        try await BrokerScript.run(["--name", name] + (other.map { ["--join", $0] } ?? []) + ["start"])
        url = try await BrokerScript.run("--name", name, "url").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() async throws { try await BrokerScript.run("--name", name, "stop") }

    /// `kill`, `restart`, `pause`, `resume`, `alarm on`, …
    func control(_ fault: String...) async throws { try await BrokerScript.run(["--name", name, "fault"] + fault) }

    /// Evaluates an Erlang expression inside the broker.
    func evaluate(_ expression: String) async throws { try await control("evaluate", expression) }

    /// Sets a parameter of RabbitMQ, for channels that are opened from now on. The size of messages is kept at a second
    /// place as well, and the others do not mind.
    func set(_ parameter: String, _ value: String) async throws {
        try await evaluate(
            "application:set_env(rabbit, \(parameter), \(value)), persistent_term:put(\(parameter), \(value))")
    }

    /// Makes it write to its disk which quorum queues there are. By itself it does so a second or two after a queue was
    /// declared; killed before that, it comes back with a new and empty queue of that name, which never has a leader.
    func writeDownQueues() async throws { try await evaluate("[ok = dets:sync(Table) || Table <- dets:all()], ok") }

    /// Makes it forget which log on its disk is that of a quorum queue, which it notices when it comes back from its death:
    /// as if it had been killed right after the queue was declared.
    func forget(quorumQueue queue: String) async throws {
        try await evaluate(
            "[dets:delete(Table, '%2F_\(queue)') || Table <- dets:all(), Table =:= ra_directory_reverse], ok")
        try await writeDownQueues()
    }

    /// Adds a user who may do everything but write to exchanges whose name contains "forbidden".
    func add(user: String, password: String = "secret") async throws {
        // Byte by byte: a password may hold what means something to Erlang.
        let password = password.utf8.map(String.init).joined(separator: ",")
        try await evaluate(
            """
            rabbit_auth_backend_internal:add_user(<<"\(user)">>, <<\(password)>>, <<"test">>), \
            rabbit_auth_backend_internal:set_permissions(<<"\(user)">>, <<"/">>, <<".*">>, \
            <<"^(?!.*forbidden).*$">>, <<".*">>, <<"test">>)
            """)
    }

    /// The URL for another user of ``add(user:)``.
    func url(for user: String) -> String { url.replacingOccurrences(of: "guest:guest", with: "\(user):secret") }
}
