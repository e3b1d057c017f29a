import ArgumentParser
import MimiMessaging

/// The service that owns the orders: it processes commands and queries, and tells everybody what happened.
struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Takes orders, and answers for them.")

    @OptionGroup var broker: BrokerOptions
    @Option(help: "A file that keeps the orders when this process ends. Default: they are in memory only.")
    var book: String?

    func run() async throws {
        let bus = try broker.bus(for: "orders")
        let book = try OrderBook(path: book)

        // One at a time, so that what is printed has an order. A handler writes into the book, then publishes the event;
        // when it returns, the command is done. Whoever did it before may have died in between: so the event goes out
        // also if there was nothing left to write.
        try await bus.requests("orders", options: ProcessorOptions(concurrency: 1)) { orders in
            orders.on(PlaceOrder.self) { order, context in
                let isNew = try await book.place(order) == .done
                say("order \(order.id): " + (isNew ? "took \(order.quantity) x \(order.item)" : "is known already"))
                try await bus.event(OrderPlaced(id: order.id))
            }
            orders.on(CancelOrder.self) { order, context in
                switch try await book.cancel(order.id) {
                case .done: say("order \(order.id): cancelled")
                case .doneBefore: say("order \(order.id): is cancelled already")
                case .refused: return say("order \(order.id): too late to cancel")
                }
                try await bus.event(OrderCancelled(id: order.id))
            }
            orders.on(PayOrder.self) { order, context in
                switch try await book.pay(order.id) {
                case .done: say("order \(order.id): paid")
                case .doneBefore: say("order \(order.id): is paid already")
                case .refused: return say("order \(order.id): nothing to pay")
                }
                try await bus.event(OrderPaid(id: order.id))
            }
            orders.on(ShowOrder.self) { order, context in try await book.order(order.id) }
        }
        try await broker.run(bus, as: "orders")
    }
}
