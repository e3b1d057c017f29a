// The code of Errors.md.

import MimiMessaging

func errors(bus: MessageBus) async throws {
    do {
        let order = try await bus.query("orders/show", ["id": 123], timeout: .seconds(2))
        print("the order is \(order["status"]?.string ?? "lost")")
    } catch let error as MessagingError {
        switch error.code {
        case .remote where error.remoteCode == "order_not_found":
            print("there is no such order")
        case .timeout, .connection:
            print("the answer did not come in time: \(error)")
        case .unroutable:
            print("nobody has ever processed \(error.target ?? "")")
        default:
            throw error
        }
    }
}

func remoteErrors(bus: MessageBus, store: OrderStore) async throws {
    try await bus.requests("orders") { orders in
        orders.query("show") { message, context in
            let id: Int = try message["id"]
            guard id > 0 else { throw ProcessingError(code: "order_not_found", message: "there is no order \(id)") }
            return try await Message(encoding: store.order(id))
        }
    }
}
