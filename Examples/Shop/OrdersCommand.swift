import ArgumentParser
import MimiMessaging

/// The service that owns the orders: it processes commands and queries, and tells everybody what happened.
struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Takes orders, and answers for them.")

    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        let bus = try broker.bus(for: "orders")
        let book = OrderBook()

        // One at a time, so that what is printed has an order.
        try await bus.requests("orders", options: ProcessorOptions(concurrency: 1)) { orders in
            orders.on(PlaceOrder.self) { order, context in
                if await book.place(order) { say("order \(order.id): took \(order.quantity) x \(order.item)") }
                // Also if the order is not new: whoever delivered it before may have died before the event was out.
                try await bus.event(OrderPlaced(id: order.id))
            }
            orders.on(CancelOrder.self) { order, context in
                guard try await book.cancel(order.id) else { return say("order \(order.id): too late to cancel") }
                say("order \(order.id): cancelled")
                try await bus.event(OrderCancelled(id: order.id))
            }
            orders.on(PayOrder.self) { order, context in
                guard try await book.pay(order.id) else { return say("order \(order.id): nothing to pay") }
                say("order \(order.id): paid")
                try await bus.event(OrderPaid(id: order.id))
            }
            orders.on(ShowOrder.self) { order, context in try await book.order(order.id) }
        }
        try await broker.run(bus, as: "orders")
    }
}
