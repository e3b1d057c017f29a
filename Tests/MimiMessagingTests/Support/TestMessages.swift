import MimiMessaging

struct LockUser: CommandMessage, Equatable {
    static let target: RequestTarget = "users/lock"
    var id: String
}

struct Order: Codable, Equatable, Sendable {
    var id: Int
    var items: [String]
}

struct ShowOrder: QueryMessage, Equatable {
    typealias Answer = Order
    static let target: RequestTarget = "orders/show"
    var id: Int
}

struct UserLocked: EventMessage, Equatable {
    static let target: EventTarget = "users#locked"
    var id: String
}
