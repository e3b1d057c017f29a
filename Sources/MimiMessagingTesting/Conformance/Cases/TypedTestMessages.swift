import MimiMessaging

/// Messages with types of their own, for the cases about them.
struct PlaceOrder: CommandMessage, Equatable {
    static let target: RequestTarget = "orders/place"
    var id: Int
    var note: String
}

struct ShowOrder: QueryMessage {
    typealias Answer = ShownOrder
    static let target: RequestTarget = "orders/show"
    var id: Int
}

struct ShownOrder: Codable, Equatable, Sendable {
    var id: Int
    var items: [String]
}

struct UserLocked: EventMessage, Equatable {
    static let target: EventTarget = "users#locked"
    var id: String
}
