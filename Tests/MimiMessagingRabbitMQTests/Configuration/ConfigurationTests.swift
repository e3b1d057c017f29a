import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Options of the RabbitMQ adapter")
struct ConfigurationTests {
    private func configuration(_ options: MessagingOptions) throws -> RabbitMQConfiguration {
        try RabbitMQConfiguration(options: options, maximumBodySize: 1024)
    }

    private func message(_ options: MessagingOptions) -> String {
        do {
            _ = try configuration(options)
            return "no error"
        } catch let error as MessagingError {
            return error.code == .configuration ? error.message : "\(error.code)"
        } catch {
            return "\(type(of: error))"
        }
    }

    @Test func defaultsAreABrokerOnThisMachine() throws {
        let configuration = try configuration([:])
        #expect(configuration.endpoints == [AMQPEndpoint(host: "localhost", port: 5672)])
        #expect(configuration.virtualHost == "/")
        #expect(configuration.tls == nil)
        #expect(configuration.queueType == .quorum)
        #expect(configuration.usesDirectReplyTo)
        #expect(configuration.limits.maximumBodySize == 1024)
    }

    @Test func hostsMayBeAListWithPorts() throws {
        let configuration = try configuration(["mq_host": "a.example, b.example:5673,[::1]:5674,::1", "mq_port": 5000])
        #expect(
            configuration.endpoints == [
                AMQPEndpoint(host: "a.example", port: 5000), AMQPEndpoint(host: "b.example", port: 5673),
                AMQPEndpoint(host: "::1", port: 5674), AMQPEndpoint(host: "::1", port: 5000),
            ])
    }

    @Test func tlsHasAPortOfItsOwn() throws {
        let configuration = try configuration(["mq_tls": true])
        #expect(configuration.endpoints == [AMQPEndpoint(host: "localhost", port: 5671)])
        #expect(configuration.tls?.verifyPeer == true)
        #expect(configuration.tls?.verifyHostname == true)
    }

    @Test func aURLSaysItAll() throws {
        let configuration = try configuration(["mq_url": "amqps://us%40er:p%40ss%2FZx9!%2525@broker.example:5699/v%2Fh"]
        )
        #expect(configuration.endpoints == [AMQPEndpoint(host: "broker.example", port: 5699)])
        #expect(configuration.virtualHost == "v/h")
        #expect(configuration.tls != nil)
        guard case .fixed(.plain(let username, let password)) = configuration.credentials else {
            Issue.record("no user and password")
            return
        }
        #expect(username == "us@er")
        #expect(password == "p@ss/Zx9!%25")
    }

    @Test(arguments: ["amqp://h", "amqp://h/"]) func noPathIsTheStandardVirtualHost(url: String) throws {
        #expect(try configuration(["mq_url": .string(url)]).virtualHost == "/")
    }

    @Test(arguments: [
        "http://u:secret@h", "u:secret@h", "amqp://u:secret@", "amqp://u:secret@h:0", "amqp://u:secret@h:70000",
        "amqp://u:secret@[]:5672", "amqp://u:secret@h/a/b", "amqp://u:secret@h?x=1", "amqp://u:secret@h:port",
        "amqp://u:sec ret@h",
    ])
    func aMalformedURLIsNotEchoed(url: String) {
        let message = message(["mq_url": .string(url)])
        #expect(message.contains("'mq_url'"))
        #expect(!message.contains("secret") && !message.contains("sec ret"))
    }

    @Test(
        arguments: [
            (["mq_url": "amqp://h", "mq_host": "h"], "'mq_host'"),
            (["mq_url": "amqp://h", "mq_password": "x"], "'mq_password'"),
            (["mq_url": "amqp://h", "mq_tls": true], "'mq_tls'"),
            (["mq_url": "amqps://h", "mq_tls": false], "'mq_tls'"),
            (["mq_tls_ca_file": "ca.pem"], "'mq_tls_ca_file'"),
            (["mq_tls": true, "mq_tls_certificate_file": "c.pem"], "'mq_tls_key_file'"),
            (["mq_auth_mechanism": "external"], "'mq_tls_certificate_file'"),
            (["mq_auth_mechanism": "external", "mq_username": "u"], "'mq_username'"),
            (["mq_auth_mechanism": "digest"], "'mq_auth_mechanism'"),
            (["mq_rabbitmq_queue_type": "stream"], "'mq_rabbitmq_queue_type'"),
            (["mq_port": 0], "'mq_port'"),
            (["mq_port": "x"], "'mq_port'"),
            (["mq_host": ""], "'mq_host'"),
            (["mq_host": "a b"], "'mq_host'"),
            (["mq_host": "h:99999"], "'mq_host'"),
            (["mq_reply_queue_prefix": "amq.x"], "'mq_reply_queue_prefix'"),
            (["mq_rabbitmq_heartbeat": "often"], "'mq_rabbitmq_heartbeat'"),
            (["mq_password": "a\0b"], "NUL"),
        ] as [(MessagingOptions, String)])
    func wrongOptionsAreNamed(options: MessagingOptions, name: String) {
        #expect(message(options).contains(name))
    }
}
