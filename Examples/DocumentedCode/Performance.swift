// The code of Performance.md.

import MimiMessaging

func batches(bus: MessageBus) async throws {
    let orders: [Message] = (1...1000).map { ["id": .integer($0)] }
    do {
        try await bus.commands("orders/place", orders)
    } catch let error as BatchError {
        for (position, failure) in error.failures { print("order \(position) was not taken: \(failure)") }
    }
}
