import MimiMessaging

/// The orders. They live in memory, and in a file if there is one; a real service has a database here.
actor OrderBook {
    /// What became of a wish to change an order. A message may come twice, so "that was done before" is no error.
    enum Change {
        case done, doneBefore, refused
    }

    private var orders: [Int: Order] = [:]
    private var journal: OrderJournal?

    /// - Parameter path: The file that keeps the orders, or nil.
    init(path: String?) throws {
        guard let path else { return }
        let journal = try OrderJournal(path: path)
        orders = journal.orders
        self.journal = journal
    }

    /// Takes an order. The id makes it one order, however often it comes.
    func place(_ order: PlaceOrder) throws -> Change {
        guard orders[order.id] == nil else { return .doneBefore }
        try keep(Order(id: order.id, item: order.item, quantity: order.quantity, status: .placed))
        return .done
    }

    /// Notes that an order is paid, unless it is cancelled.
    func pay(_ id: Int) throws -> Change { try change(id, to: .paid) }

    /// Cancels an order, unless it is paid.
    func cancel(_ id: Int) throws -> Change { try change(id, to: .cancelled) }

    func order(_ id: Int) throws -> Order {
        guard let order = orders[id] else {
            // What a `ProcessingError` says is what the asker is told. Retrying would not help, hence final.
            throw ProcessingError(code: "order_not_found", message: "there is no order \(id)", isFinal: true)
        }
        return order
    }

    private func change(_ id: Int, to status: Order.Status) throws -> Change {
        var order = try order(id)
        guard order.status == .placed else { return order.status == status ? .doneBefore : .refused }
        order.status = status
        try keep(order)
        return .done
    }

    /// The file first: what is in memory is what others are told.
    private func keep(_ order: Order) throws {
        try journal?.write(order)
        orders[order.id] = order
    }
}
