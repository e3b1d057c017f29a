import ArgumentParser
import MimiMessaging

/// The service that writes bills: it hears of new orders, asks for the details, and reports back.
struct BillingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "billing", abstract: "Writes a bill for each order.")

    @OptionGroup var broker: BrokerOptions
    @Option(help: "Get stuck at this order, for ever: so that there is something to kill.") var hangsAt: Int?

    func run() async throws {
        let bus = try broker.bus(for: "billing")

        // With a queue, events wait while no billing runs, and several of them share the work.
        let oneAtATime = ProcessorOptions(concurrency: 1)
        try await bus.events("orders", queue: "billing.orders", options: oneAtATime) { [hangsAt] orders in
            orders.on(OrderPlaced.self) { placed, context in
                say("order \(placed.id): writing the bill" + (context.isRedelivered ? " (delivered again)" : ""))
                if placed.id == hangsAt { try await Task.sleep(for: .seconds(86_400)) }

                // A message may come twice. So look before you act.
                let order = try await bus.query(ShowOrder(id: placed.id))
                switch order.status {
                case .placed:
                    say("order \(order.id): billed \(order.quantity) x \(order.item)")
                    try await bus.command(PayOrder(id: order.id))
                case .paid: say("order \(order.id): is paid already")
                case .cancelled: say("order \(order.id): was cancelled, no bill")
                }
            }
        }
        try await broker.run(bus, as: "billing")
    }
}
