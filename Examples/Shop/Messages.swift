import MimiMessaging

/// What the three services say to each other. In real life this file is a small library that they share.

/// An order, as the service "orders" knows it.
struct Order: Codable, Sendable {
    enum Status: String, Codable, Sendable {
        case placed, paid, cancelled
    }

    var id: Int
    var item: String
    var quantity: Int
    var status: Status
}

/// "Take this order." The sender chooses the id, so that an order that arrives twice is taken once.
struct PlaceOrder: CommandMessage {
    static let target: RequestTarget = "orders/place"
    var id: Int
    var item: String
    var quantity: Int
}

/// "Cancel this order, if it is not paid."
struct CancelOrder: CommandMessage {
    static let target: RequestTarget = "orders/cancel"
    var id: Int
}

/// "This order is paid."
struct PayOrder: CommandMessage {
    static let target: RequestTarget = "orders/pay"
    var id: Int
}

/// "What do you know about this order?"
struct ShowOrder: QueryMessage {
    typealias Answer = Order
    static let target: RequestTarget = "orders/show"
    var id: Int
}

/// "An order was placed."
struct OrderPlaced: EventMessage {
    static let target: EventTarget = "orders#placed"
    var id: Int
}

/// "An order was paid."
struct OrderPaid: EventMessage {
    static let target: EventTarget = "orders#paid"
    var id: Int
}

/// "An order was cancelled."
struct OrderCancelled: EventMessage {
    static let target: EventTarget = "orders#cancelled"
    var id: Int
}
