import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ
import Testing

@testable import mimi

@Suite("Contexts")
struct ContextTests {
    private static func withStore(_ body: (ContextStore, [String: String]) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mimi-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment = ["XDG_CONFIG_HOME": folder.path]
        try body(ContextStore(environment: environment), environment)
    }

    @Test func theFileIsItsOwnersAlone() throws {
        try Self.withStore { store, _ in
            try store.save(.init(current: "a", contexts: ["a": SavedContext(options: ["mq_url": "amqp://h"])]))
            let mode = try FileManager.default.attributesOfItem(atPath: store.file.path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
            #expect(try store.load().contexts["a"]?.options == ["mq_url": "amqp://h"])
        }
    }

    @Test func aFileThatOthersCanReadIsNotUsed() throws {
        try Self.withStore { store, _ in
            try store.save(.init())
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: store.file.path)
            #expect(throws: MessagingError.self) { try store.load() }
        }
    }

    @Test func aMissingContextNamesThoseThatAreThere() throws {
        try Self.withStore { store, _ in
            try store.save(.init(contexts: ["b": SavedContext(options: [:]), "a": SavedContext(options: [:])]))
            let error = #expect(throws: MessagingError.self) { try store.context(named: "c") }
            #expect(error?.message.contains("a, b") == true)
        }
    }

    @Test(arguments: [
        ("amqp://u:p@h:1/v", "amqp://***@h:1/v"), ("amqp://u:p@ss@h", "amqp://***@h"),
        ("amqp://u:p p@h", "amqp://***@h"),
        ("amqp://h:5672", "amqp://h:5672"), ("amqp://u@h", "amqp://***@h"), ("u:p@h", "***@h"),
        ("no 'u:p@ss@h', nor 'amqp://u:p@h'", "no '***@h', nor 'amqp://***@h'"),
        ("a: b@c", "a: b@c"), ("orders/show", "orders/show"),
    ])
    func usersAndPasswordsAreNotShown(text: String, shown: String) {
        #expect(Redaction.urls(in: text) == shown)
    }

    @Test func everySecretOptionIsHidden() {
        let context = SavedContext(options: [
            "mq_username": "secret1", "mq_password": "secret2", "mq_tls_key_passphrase": "secret3", "mq_host": "h",
        ])
        let shown = context.redacted.options
        #expect(
            shown == ["mq_username": "***", "mq_password": "***", "mq_tls_key_passphrase": "***", "mq_host": "h"])
    }

    @Test func whereToConnectComesFromTheFirstPlaceThatIsThere() throws {
        try Self.withStore { store, environment in
            try store.save(
                .init(
                    current: "used",
                    contexts: [
                        "used": SavedContext(options: ["mq_host": "used"]),
                        "other": SavedContext(options: ["mq_host": "other"], managementURL: "http://m"),
                    ]))
            func host(_ arguments: [String], _ more: [String: String] = [:]) throws -> String? {
                let options = try ConnectionOptions.parse(arguments)
                    .resolved(environment: environment.merging(more) { _, new in new }).options
                // As a bus reads it.
                return try options.resolved(for: RabbitMQAdapter.self).string(
                    options.isSet("mq_url") ? "mq_url" : "mq_host")
            }
            let variables = ["MQ_HOST": "environment"]
            #expect(try host([]) == "used")
            #expect(try host([], variables) == "environment")
            #expect(try host(["--context", "other"], variables) == "other")
            #expect(try host(["--url", "amqp://url"], variables) == "amqp://url")
            #expect(try host(["--context", "other", "-o", "mq_host=mine"], variables) == "mine")
            #expect(
                try ConnectionOptions.parse(["--context", "other"]).resolved(environment: environment).managementURL
                    == "http://m")
        }
    }
}
