// The code in documentation comments of the sources.

import MimiMessaging

func docComments(bus: MessageBus, store: OrderStore) async throws {
    try await bus.requests("orders") { orders in
        orders.on(ShowOrder.self) { show, context in try await store.order(show.id) }
        orders.command("cancel") { message, context in try await store.cancel(message["id"]) }
    }

    let options: MessagingOptions = ["mq_adapter": "rabbitmq", "mq_host": "localhost", "mq_default_query_timeout": 5]

    let order: Message = ["id": 123, "items": ["tea", "milk"]]
    let id: Int = try order["id"]

    try await bus.event("users#locked", ["id": "b3cc29c8d2ec68e0"])

    try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])

    let isBlocked = bus.obstacles.contains { $0.kind == .blocked }

    print(bus.topology)

    use(options, id, isBlocked)
}

func docCommentOfTheBus(store: OrderStore) async throws {
    let bus = try MessageBus(options: ["mq_adapter": "memory"])
    try await bus.requests("users") { users in
        users.command("lock") { message, context in try await store.lock(message["id"]) }
    }
    try await bus.start()
    try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])
}

func docCommentOfTheBroker() throws {
    let broker = MemoryBroker()
    let orders = try MessageBus(adapter: MemoryAdapter(broker: broker))
    let billing = try MessageBus(adapter: MemoryAdapter(broker: broker))

    use(orders, billing)
}
