// The code of QueriesAndDeadlines.md.

import MimiMessaging

struct OrderList: Codable, Sendable {
    var ids: [Int]
}

func statusOfAnOrder(bus: MessageBus) async throws -> String {
    do {
        let order = try await bus.query("orders/show", ["id": 123], timeout: .seconds(2))
        return try order["status"]
    } catch let error as MessagingError where error.code == .remote && error.remoteCode == "order_not_found" {
        return "unknown"
    }
}

func nestedQuery(bus: MessageBus) async throws {
    try await bus.requests("reports") { reports in
        reports.query("sales") { message, context in
            // Waits no longer than whoever asked for the report.
            let orders = try await bus.query("orders/list", ["year": try message["year"]], timeout: .seconds(60))
            return ["count": .integer(try orders.decode(as: OrderList.self).ids.count)]
        }
    }
}
