// The code of Tuning.md.

import MimiMessaging

func sendMany(bus: MessageBus, ids: [Int]) async throws {
    try await withThrowingTaskGroup { group in
        for id in ids {
            group.addTask { try await bus.command("orders/archive", ["id": .integer(id)]) }
        }
        try await group.waitForAll()
    }
}
