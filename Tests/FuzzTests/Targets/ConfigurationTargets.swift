import MimiMessaging
import RabbitMQClient

@testable import MimiMessagingRabbitMQ

/// Stands in a secret value; must not come out again.
private let marker = "Zq9Xv7KpSecret"

extension FuzzTarget {
    static let url = FuzzTarget("url") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        for text in [text, "amqp://user:\(marker)@\(text)", "amqps://user:\(marker)\(text)"] {
            do {
                let url = try BrokerURL(text)
                try require(!url.host.isEmpty, "an empty host")
                try require(url.port.map { (1...65535).contains($0) } ?? true, "a port that is none")
                try require(url.virtualHost?.isEmpty != true, "an empty virtual host")
            } catch let error as MessagingError {
                try require(error.code == .configuration, "the wrong code: \(error)")
                try require(!"\(error)".contains(marker), "the URL in an error")
            }
        }
    }

    static let hosts = FuzzTarget("hosts") { bytes in
        guard let endpoint = HostText.parse(String(decoding: bytes, as: UTF8.self), standardPort: 5672) else { return }
        try require(!endpoint.host.isEmpty && (1...65535).contains(endpoint.port), "no endpoint: \(endpoint)")
        try require(!endpoint.description.unicodeScalars.contains { $0.value < 0x20 }, "control characters shown")
    }

    static let options = FuzzTarget("options") { bytes in
        var script = Script(bytes)
        var values: [String: OptionValue] = [:]
        let definitions = RabbitMQAdapter.options + busOptions
        while !script.isOver {
            let definition = definitions[script.choice(below: definitions.count)]
            let value: OptionValue =
                switch script.choice(below: 8) {
                case 0: .integer(Int(script.integer(Int64.self)))
                case 1: .integer(Int(script.byte()))
                case 2: .double(Double(bitPattern: script.integer()))
                case 3: .bool(script.byte() & 1 == 1)
                case 4: .list([script.text(), script.text()])
                default: .string(text(for: definition, script.text()))
                }
            values[definition.key] = value
        }
        values["mq_adapter"] = "rabbitmq"
        do {
            let options = MessagingOptions(values)
            let configuration = try RabbitMQConfiguration(options: options, maximumBodySize: 1 << 20)
            _ = configuration.connection(role: "fuzzing", credentials: .external, random: .system)
            _ = try MessageBus(options: options, adapters: [RabbitMQAdapter.self])
            var shown = ""
            dump(configuration, to: &shown)
            try require(!shown.contains(marker), "a secret in a dump")
        } catch let error as MessagingError {
            try require(!"\(error)".contains(marker), "a secret in an error: \(error)")
        }
    }

    /// Text for an option; a secret one has the marker where its secret is.
    private static func text(for definition: OptionDefinition, _ text: String) -> String {
        guard definition.isSecret else { return text }
        return definition.key == "mq_url" ? "amqp://user:\(marker)@\(text)" : text + marker
    }

    private static let busOptions = [
        "mq_namespace", "mq_app_id", "mq_default_query_timeout", "mq_publish_timeout", "mq_shutdown_timeout",
        "mq_concurrency", "mq_max_body_size", "mq_retry_max_attempts", "mq_retry_immediate", "mq_retry_delays",
        "mq_log_at_level",
    ].map { OptionDefinition($0, "") }
}
