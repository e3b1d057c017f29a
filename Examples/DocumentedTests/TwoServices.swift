// The code of TwoServices.md that needs no broker.

import MimiMessaging
import MimiMessagingTesting
import Testing

struct PlaceOrder: CommandMessage {
    static let target: RequestTarget = "orders/place"
    var id: Int
    var item: String
}

struct OrderPlaced: EventMessage {
    static let target: EventTarget = "orders#placed"
    var id: Int
    var cents: Int
}

struct PriceOf: QueryMessage {
    typealias Answer = Price
    static let target: RequestTarget = "billing/price"
    var item: String
}

struct Price: Codable, Sendable {
    var cents: Int
}

func registerOrders(on bus: MessageBus) async throws {
    try await bus.requests("orders") { orders in
        orders.on(PlaceOrder.self) { order, context in
            let price = try await bus.query(PriceOf(item: order.item))
            try await bus.event(OrderPlaced(id: order.id, cents: price.cents))
        }
    }
}

func registerBilling(on bus: MessageBus) async throws {
    try await bus.requests("billing") { billing in
        billing.on(PriceOf.self) { question, context in Price(cents: question.item == "tea" ? 350 : 500) }
    }
    try await bus.events("orders", queue: "billing.orders") { orders in
        orders.on(OrderPlaced.self) { order, context in
            context.logger.info("a bill of \(order.cents) cents for order \(order.id)")
        }
    }
}

@Suite struct TwoServicesTests {
    @Test func anOrderIsBilled() async throws {
        let broker = MemoryBroker()
        let orders = try MessageBus(adapter: MemoryAdapter(broker: broker))
        let billing = try MessageBus(adapter: MemoryAdapter(broker: broker))

        try await registerOrders(on: orders)
        try await registerBilling(on: billing)

        try await withMessageBus(billing) { billing in
            try await withMessageBus(orders) { orders in
                let placed = Journal<Int>()
                try await billing.events("orders") { events in
                    events.on(OrderPlaced.self) { order, context in placed.note(order.cents) }
                }

                try await orders.command(PlaceOrder(id: 1, item: "tea"))

                #expect(try await placed.wait(for: 1) == [350])
            }
        }
    }
}
