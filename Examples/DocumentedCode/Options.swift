// The code of Options.md and of the option pages of MimiMessagingRabbitMQ.

import Configuration
import MimiMessaging
import MimiMessagingRabbitMQ

func optionsFromADictionary() throws {
    let bus = try MessageBus(
        options: [
            "mq_adapter": "rabbitmq",
            "mq_host": ["rabbit-1.internal", "rabbit-2.internal:5673"],
            "mq_default_query_timeout": 5,
            "mq_retry_delays": "500ms,5s,1m",
        ],
        adapters: [RabbitMQAdapter.self])

    use(bus)
}

func optionsFromTheEnvironment() throws {
    let config = ConfigReader(provider: EnvironmentVariablesProvider())
    let bus = try MessageBus(config: config, adapters: [RabbitMQAdapter.self])

    use(bus)
}

func optionsFromBoth(config: ConfigReader) throws {
    let options = MessagingOptions(config).setting("mq_app_id", to: "orders")
    let bus = try MessageBus(options: options, adapters: [RabbitMQAdapter.self])

    use(bus)
}

func tlsOptions() throws {
    let bus = try MessageBus(
        options: [
            "mq_adapter": "rabbitmq",
            "mq_url": "amqps://rabbit.internal/production",
            "mq_auth_mechanism": "external",
            "mq_tls_ca_file": "/etc/mimi/ca.pem",
            "mq_tls_certificate_file": "/etc/mimi/orders.pem",
            "mq_tls_key_file": "/etc/mimi/orders.key",
        ],
        adapters: [RabbitMQAdapter.self])

    use(bus)
}

func processorOptions(bus: MessageBus, store: OrderStore) async throws {
    let options = ProcessorOptions(
        concurrency: 1,
        isSingleActive: true,
        queueArguments: ["x-max-length": 100_000])

    try await bus.register(OrdersProcessor(store: store), queue: "orders", options: options)
}

struct Vault {
    func secret(named name: String) async throws -> (user: String, password: String) { ("orders", name) }
}

func credentialsFromAVault(vault: Vault) throws {
    let bus = try MessageBus(
        options: ["mq_adapter": "rabbitmq", "mq_host": "rabbit.internal", "mq_tls": true],
        adapters: [RabbitMQAdapter.self],
        credentials: {
            let secret = try await vault.secret(named: "rabbitmq")
            return Credentials(username: secret.user, password: secret.password)
        })

    use(bus)
}
