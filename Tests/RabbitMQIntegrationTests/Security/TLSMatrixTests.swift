import Foundation
import MimiMessaging
import RabbitMQClient
import Testing

/// Everything that can be right or wrong between two ends of TLS, as a service sees it: it starts, or it is told at once what
/// is wrong.
@Suite(
    "TLS and login", .serialized,
    .enabled(if: TestBroker.expectsTLS && TestBroker.expectsControl, "no broker with TLS, or none to be started"))
struct TLSMatrixTests {
    private static let certificates = ["mq_tls_certificate_file", "mq_tls_key_file"]

    private func options(_ port: Int?, _ more: [String: OptionValue] = [:]) throws -> [String: OptionValue] {
        let broker = try TestBroker.requireTLS().endpoints[0]
        let basic: [String: OptionValue] = [
            "mq_adapter": "rabbitmq", "mq_tls": true, "mq_host": "localhost", "mq_port": .integer(port ?? broker.port),
            "mq_tls_ca_file": .string(try TestBroker.file("ca.pem")), "mq_rabbitmq_start_timeout": "50s",
            "mq_rabbitmq_connect_timeout": "20s",
        ]
        return basic.merging(more) { _, own in own }
    }

    private func start(_ options: [String: OptionValue]) async throws {
        let bus = try MessageBus(
            options: MessagingOptions(options), adapters: TestBroker.adapters, logger: TestBroker.silent)
        do {
            try await bus.start()
        } catch {
            await bus.stop()
            throw error
        }
        await bus.stop()
    }

    /// Refused for good, hence at once: `mq_rabbitmq_start_timeout` is nearly the time limit of the test.
    private func refusal(_ options: [String: OptionValue], says text: String) async throws {
        let error = await #expect(throws: MessagingError.self) { try await start(options) }
        #expect(error?.code == .connection || error?.code == .authentication)
        #expect(error?.isRetryable == false)
        #expect(error?.message.contains(text) == true, "\(String(describing: error))")
    }

    @Test("a good certificate", .timeLimit(.minutes(1)), arguments: ["localhost", "127.0.0.1"])
    func good(_ host: OptionValue) async throws {
        try await start(try options(nil, ["mq_host": host]))
    }

    @Test("an unknown authority", .timeLimit(.minutes(1))) func unknownAuthority() async throws {
        let stranger = try TestBroker.file("stranger-ca.pem")
        try await refusal(try options(nil, ["mq_tls_ca_file": .string(stranger)]), says: "not trusted")
    }

    @Test(
        "a certificate that is not this host's", .timeLimit(.minutes(1)),
        arguments: [
            ("wronghost.pem", "localhost", "does not name localhost"),
            ("wronghost.pem", "127.0.0.1", "does not name 127.0.0.1"),
            ("nameless.pem", "127.0.0.1", "does not name 127.0.0.1"),
            ("expired.pem", "localhost", "certificate has expired"),
        ])
    func wrongCertificate(_ file: String, _ host: String, _ text: String) async throws {
        let server = try TLSServer(try TestBroker.file(file))
        defer { server.stop() }
        try await refusal(try options(server.port, ["mq_host": .string(host)]), says: text)
    }

    @Test("TLS 1.1 only", .timeLimit(.minutes(1))) func oldVersion() async throws {
        let server = try TLSServer(
            try TestBroker.file("server.pem"), options: ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
        defer { server.stop() }
        try await refusal(try options(server.port), says: "protocol version")
    }

    @Test("amqps at the plain port", .timeLimit(.minutes(1))) func tlsAtPlainPort() async throws {
        let plain = try await TestBroker.require().endpoints[0]
        try await refusal(
            try options(plain.port, ["mq_host": .string(plain.host)]), says: "wrong version number")
    }

    @Test("amqp at the TLS port", .timeLimit(.minutes(1))) func plainAtTLSPort() async throws {
        let broker = try TestBroker.requireTLS().endpoints[0]
        let error = await #expect(throws: MessagingError.self) {
            try await start([
                "mq_adapter": "rabbitmq", "mq_host": "localhost", "mq_port": .integer(broker.port),
                "mq_rabbitmq_start_timeout": "5s", "mq_rabbitmq_connect_timeout": "5s",
            ])
        }
        #expect(error?.code == .connection)
        #expect(error?.message.contains("the peer ended the stream") == true, "\(String(describing: error))")
    }

    @Test("verification switched off", .timeLimit(.minutes(1))) func unverified() async throws {
        var options = try options(nil, ["mq_tls_verify": false, "mq_tls_server_name": "elsewhere.invalid"])
        options["mq_tls_ca_file"] = nil
        try await start(options)
    }

    @Test("a client's certificate that is wanted, and EXTERNAL", .timeLimit(.minutes(2))) func clientCertificate()
        async throws
    {
        let broker = try await GuardedBroker(named: "guarded")
        func mine(_ name: String, _ more: [String: OptionValue] = [:]) throws -> [String: OptionValue] {
            let own: [String: OptionValue] = [
                "mq_tls_ca_file": .string(broker.file("ca.pem")),
                "mq_tls_certificate_file": .string(broker.file(name + ".pem")),
                "mq_tls_key_file": .string(broker.file(name + ".key")),
            ]
            return try options(broker.tlsPort, own.merging(more) { _, own in own })
        }
        try await start(try mine("client"))
        try await start(try mine("client", ["mq_auth_mechanism": "external"]))
        try await refusal(try mine("nobody", ["mq_auth_mechanism": "external"]), says: "403 ACCESS_REFUSED")
        try await refusal(try mine("stranger"), says: "unknown ca")
        let missing = try mine("client").filter { !Self.certificates.contains($0.key) }
        try await refusal(missing, says: "certificate required")
        try await broker.stop()
    }
}
