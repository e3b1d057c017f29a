// The code of README.md.

import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import ServiceLifecycle

struct Order: Codable, Sendable {
    var id: Int
    var status: String
}

struct LockUser: CommandMessage {
    static let target: RequestTarget = "users/lock"
    var id: String
}

struct ShowOrder: QueryMessage {
    typealias Answer = Order
    static let target: RequestTarget = "orders/show"
    var id: Int
}

struct UserLocked: EventMessage {
    static let target: EventTarget = "users#locked"
    var id: String
}

struct OrdersProcessor: RequestProcessor {
    let store: OrderStore

    func command(_ method: String, _ message: Message, context: MessageContext) async throws {
        guard method == "cancel" else { throw MessagingError.unknown(method: method, target: context.target) }
        try await store.cancel(message["id"])
    }

    func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
        guard method == "show" else { throw MessagingError.unknown(method: method, target: context.target) }
        return try await Message(encoding: store.order(message["id"]))
    }
}

func readMe(store: OrderStore, billing: Billing, logger: Logger) async throws {
    let bus = try MessageBus(
        options: ["mq_adapter": "rabbitmq", "mq_host": "localhost"],
        adapters: [RabbitMQAdapter.self])

    try await bus.start()
    try await bus.command("users/lock", ["id": "b3cc29c8d2ec68e0"])  // returns when the broker has it
    let order = try await bus.query("orders/show", ["id": 123])  // returns with the answer, a Message
    try await bus.event("users#locked", ["id": "b3cc29c8d2ec68e0"])  // returns when the broker has it for its listeners

    try await bus.command(LockUser(id: "b3cc29c8d2ec68e0"))
    let shown = try await bus.query(ShowOrder(id: 123))  // an Order
    try await bus.event(UserLocked(id: "b3cc29c8d2ec68e0"))

    try await bus.register(OrdersProcessor(store: store), queue: "orders")

    try await bus.requests("orders") { orders in
        orders.on(ShowOrder.self) { show, context in try await store.order(show.id) }  // has to return an Order
        orders.command("cancel") { message, context in try await store.cancel(message["id"]) }
    }

    try await bus.events("users", queue: "billing.users") { users in  // without queue: each instance hears each event
        users.on(UserLocked.self) { event, context in try await billing.stop(for: event.id) }
    }

    let group = ServiceGroup(services: [bus], gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()

    use(order, shown)
}
