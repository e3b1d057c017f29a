import Foundation

/// A broker that a test may harm.
struct ControlledBroker {
    let url: String
    private let name: String

    init(named name: String) async throws {
        self.name = name
        try await BrokerScript.run("--name", name, "start")
        url = try await BrokerScript.run("--name", name, "url").trimmingCharacters(in: .whitespacesAndNewlines)
    }

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
}

extension TestBroker {
    /// The script that controls brokers.
    static var control: String? { ProcessInfo.processInfo.environment["MIMI_RABBITMQ_CONTROL"] }
}
