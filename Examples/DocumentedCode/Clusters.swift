// The code of Clusters.md.

import MimiMessaging
import MimiMessagingRabbitMQ

func cluster(password: String) throws {
    let bus = try MessageBus(
        options: [
            "mq_adapter": "rabbitmq",
            "mq_host": ["rabbit-1.internal", "rabbit-2.internal", "rabbit-3.internal"],
            "mq_username": "orders",
            "mq_password": .string(password),
        ],
        adapters: [RabbitMQAdapter.self])

    use(bus)
}
