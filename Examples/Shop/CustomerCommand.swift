import ArgumentParser
import MimiMessaging

/// The customer at a keyboard: sends commands and queries, and hears events.
struct CustomerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer",
        abstract: "Places orders: reads 'place 2 tea', 'show 1', 'cancel 1' and 'quit' from its input.")

    @OptionGroup var broker: BrokerOptions
    @Option(help: "The number of the first order.") var firstOrder = 1

    func run() async throws {
        let bus = try broker.bus(for: "customer")

        // Without a queue: each customer hears every event, while it is there.
        try await bus.events("orders", options: ProcessorOptions(concurrency: 1)) { orders in
            orders.on(OrderPlaced.self) { order, context in say("heard that order \(order.id) was placed") }
            orders.on(OrderPaid.self) { order, context in say("heard that order \(order.id) was paid") }
            orders.on(OrderCancelled.self) { order, context in say("heard that order \(order.id) was cancelled") }
        }
        try await bus.start()
        say("the customer is here")

        var nextOrder = firstOrder
        for await line in inputLines() {
            do {
                switch Wish(line) {
                case .place(let quantity, let item):
                    let order = PlaceOrder(id: nextOrder, item: item, quantity: quantity)
                    nextOrder += 1
                    // Returns when the broker has the command and will not lose it, whether or not "orders" runs.
                    try await bus.command(order)
                    say("order \(order.id) is sent: \(quantity) x \(item)")
                case .show(let id):
                    // Returns with the answer.
                    let order = try await bus.query(ShowOrder(id: id))
                    say("order \(order.id) is \(order.status): \(order.quantity) x \(order.item)")
                case .cancel(let id):
                    try await bus.command(CancelOrder(id: id))
                    say("the wish to cancel order \(id) is sent")
                case .quit:
                    await bus.stop()
                    return say("the customer is gone")
                case nil: say("say: place 2 tea, show 1, cancel 1, or quit")
                }
            } catch {
                say("that did not work: \(error)")
            }
        }
        await bus.stop()
    }
}

/// What the customer can wish for.
private enum Wish {
    case place(quantity: Int, item: String)
    case show(Int)
    case cancel(Int)
    case quit

    init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first, words.count > 1 ? Int(words[1]) : nil) {
        case ("place", let quantity?) where words.count == 3 && quantity > 0:
            self = .place(quantity: quantity, item: words[2])
        case ("show", let id?): self = .show(id)
        case ("cancel", let id?): self = .cancel(id)
        case ("quit", nil): self = .quit
        default: return nil
        }
    }
}
