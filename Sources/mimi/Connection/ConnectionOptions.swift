import ArgumentParser
import Configuration
import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// Where a command connects to: the same options as those of a service.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Broker to connect to: amqp:// or amqps://user:password@host:port/virtual-host. Others on this machine can see "
                + "it; a context or MQ_URL keeps a password from them.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("Name of a saved context; see `mimi context`.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("Adapter: rabbitmq, or memory for trying without a broker.", valueName: "name"))
    var adapter: String?

    @Option(
        help: ArgumentHelp("What stands before each name on the broker, for example 'staging.'.", valueName: "text"))
    var namespace: String?

    @Option(
        name: [.customShort("o"), .customLong("option")],
        help: ArgumentHelp(
            "Any option of a service, for example mq_tls_ca_file=ca.pem. Repeatable.", valueName: "key=value"))
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "The broker's management API, for what AMQP cannot tell. Default: the context's; without a context "
                + "MQ_MANAGEMENT_URL; else port 15672 of the broker's host, with TLS 15671.", valueName: "url"))
    var management: String?

    @Flag(help: "Log what the connection does, to standard error.")
    var verbose = false

    mutating func validate() throws {
        if [url, context].compactMap({ $0 }).count > 1 {
            throw ValidationError("--url and --context contradict each other")
        }
        for setting in settings where !setting.contains("=") {
            throw ValidationError("'\(setting)' is not KEY=VALUE")
        }
    }

    /// Where commands log.
    var logger: Logger {
        guard verbose else { return Logger(label: "mimi") { _ in SwiftLogNoOpLogHandler() } }
        var logger = Logger(label: "mimi") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .debug
        return logger
    }

    /// A bus, not started.
    func bus() throws -> MessageBus {
        try MessageBus(options: resolved().options, adapters: [RabbitMQAdapter.self], logger: logger)
    }

    /// Options and management URL, from the place that applies.
    func resolved(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> (options: MessagingOptions, managementURL: String?) {
        let store = ContextStore(environment: environment)
        var managementURL = environment["MQ_MANAGEMENT_URL"]
        var options: MessagingOptions
        var adapter = self.adapter ?? RabbitMQAdapter.name
        if let name = try contextName(store, environment) {
            let saved = try store.context(named: name)
            options = MessagingOptions(saved.options.mapValues { .string($0) })
            if self.adapter == nil { adapter = saved.options["mq_adapter"] ?? adapter }
            managementURL = saved.managementURL
        } else if url == nil, self.adapter == nil, Self.names(environment) {
            options = MessagingOptions(
                ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment)))
            adapter = environment["MQ_ADAPTER"] ?? adapter
        } else {
            options = [:]
        }
        options = options.setting("mq_adapter", to: .string(adapter))
        if adapter == RabbitMQAdapter.name {
            // Somebody waits at a terminal: one attempt, not many.
            options = options.setting("mq_rabbitmq_start_timeout", to: 0)
                .setting("mq_rabbitmq_connection_name", to: "mimi")
            if let url { options = options.setting("mq_url", to: .string(url)) }
        }
        if let namespace { options = options.setting("mq_namespace", to: .string(namespace)) }
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            options = options.setting(String(parts[0]), to: .string(String(parts[1])))
        }
        return (options, management ?? managementURL)
    }

    private func contextName(_ store: ContextStore, _ environment: [String: String]) throws -> String? {
        if let context { return context }
        if url != nil || adapter != nil || Self.names(environment) { return nil }
        return try store.load().current
    }

    /// Whether the environment says where the bus is.
    private static func names(_ environment: [String: String]) -> Bool {
        ["MQ_URL", "MQ_HOST", "MQ_ADAPTER"].contains { !environment[$0].isEmptyOrNil }
    }
}
