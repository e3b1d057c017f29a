// What the snippets assume to be there.

import MimiMessaging

struct OrderStore: Sendable {
    func order(_ id: Int) async throws -> Order { Order(id: id, status: "placed") }
    func cancel(_ id: Int) async throws {}
    func place(id: Int, item: String) async throws {}
    func hasSeen(_ messageID: String) async throws -> Bool { false }
    func lock(_ id: String) async throws {}
}

struct Billing: Sendable {
    func stop(for user: String) async throws {}
    func charge(_ message: Message) async throws {}
    var isOverloaded: Bool { false }
}

/// Keeps the compiler from warning of values that a snippet shows and does not use.
func use(_ values: Any?...) {}
