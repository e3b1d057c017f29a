// The code of TwoServices.md that needs a broker; the rest is among the documented tests.

import Configuration
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import ServiceLifecycle

private func registerOrders(on bus: MessageBus) async throws {}

private func registerBilling(on bus: MessageBus) async throws {}

func makeBus(_ name: String) throws -> MessageBus {
    let options = MessagingOptions(ConfigReader(provider: EnvironmentVariablesProvider()))
        .setting("mq_adapter", to: "rabbitmq")
        .setting("mq_app_id", to: .string(name))
    return try MessageBus(options: options, adapters: [RabbitMQAdapter.self], logger: Logger(label: name))
}

func run(_ name: String, _ register: (MessageBus) async throws -> Void) async throws {
    let bus = try makeBus(name)
    try await register(bus)
    let group = ServiceGroup(
        services: [bus], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: name))
    try await group.run()
}

func placeOrder() async throws {
    let bus = try makeBus("customer")
    try await bus.start()
    try await bus.command(PlaceOrder(id: 1, item: "tea"))
    await bus.stop()
}

func twoServices() async throws {
    switch CommandLine.arguments.dropFirst().first {
    case "orders": try await run("orders", registerOrders)
    case "billing": try await run("billing", registerBilling)
    default: try await placeOrder()
    }
}
