import MimiMessaging

/// The orders. They live in memory; a real service has a database here.
actor OrderBook {
    private var orders: [Int: Order] = [:]

    /// Takes an order; says whether it is new.
    func place(_ order: PlaceOrder) -> Bool {
        guard orders[order.id] == nil else { return false }
        orders[order.id] = Order(id: order.id, item: order.item, quantity: order.quantity, status: .placed)
        return true
    }

    /// Notes that an order is paid; says whether that is new.
    func pay(_ id: Int) throws -> Bool { try change(id, to: .paid) }

    /// Cancels an order; says whether it was not too late.
    func cancel(_ id: Int) throws -> Bool { try change(id, to: .cancelled) }

    func order(_ id: Int) throws -> Order {
        guard let order = orders[id] else {
            // What a `ProcessingError` says is what the asker is told. Retrying would not help, hence final.
            throw ProcessingError(code: "order_not_found", message: "there is no order \(id)", isFinal: true)
        }
        return order
    }

    private func change(_ id: Int, to status: Order.Status) throws -> Bool {
        guard try order(id).status == .placed else { return false }
        orders[id]?.status = status
        return true
    }
}
