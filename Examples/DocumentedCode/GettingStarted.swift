// The code of GettingStarted.md.

import MimiMessaging
import MimiMessagingRabbitMQ

func gettingStarted(store: OrderStore) async throws {
    let bus = try MessageBus(options: ["mq_adapter": "memory"])

    try await bus.requests("orders") { orders in
        orders.command("place") { message, context in
            try await store.place(id: message["id"], item: message["item"])
            try await bus.event("orders#placed", ["id": try message["id"]])
        }
        orders.query("show") { message, context in
            let order = try await store.order(message["id"])
            return ["id": .integer(order.id), "status": .string(order.status)]
        }
    }

    try await bus.events("orders", queue: "billing.orders") { orders in
        orders.event("placed") { message, context in
            let id: Int = try message["id"]
            context.logger.info("writing the bill of order \(id)")
        }
    }

    try await bus.start()

    try await bus.command("orders/place", ["id": 123, "item": "tea"])

    let order = try await bus.query("orders/show", ["id": 123])
    let status: String = try order["status"]

    await bus.stop()

    use(status)
}

func gettingStartedOnABroker() throws {
    let bus = try MessageBus(
        options: ["mq_adapter": "rabbitmq", "mq_url": "amqp://guest:guest@localhost", "mq_app_id": "orders"],
        adapters: [RabbitMQAdapter.self])

    use(bus)
}

struct PlaceOrder: CommandMessage {
    static let target: RequestTarget = "orders/place"
    var id: Int
    var item: String
}

func gettingStartedTyped(bus: MessageBus, store: OrderStore) async throws {
    try await bus.requests("orders") { orders in
        orders.on(PlaceOrder.self) { order, context in try await store.place(id: order.id, item: order.item) }
        orders.on(ShowOrder.self) { order, context in try await store.order(order.id) }
    }

    try await bus.command(PlaceOrder(id: 123, item: "tea"))
    let order = try await bus.query(ShowOrder(id: 123))

    use(order)
}
