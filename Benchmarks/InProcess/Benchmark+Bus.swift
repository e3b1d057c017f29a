import Logging
import MimiMessaging

extension Benchmark {
    /// The whole way through a bus and back, without a broker.
    static let buses: [String: Benchmark] = [
        "memory-command": Benchmark { count in
            try await withBus { bus in
                for _ in 0..<count { try await bus.command("orders/cancel", ["id": 123]) }
            }
        },
        "memory-commands": Benchmark { count in
            try await withBus { bus in
                let batch = [Message](repeating: ["id": 123], count: 100)
                for _ in 0..<(count / 100) { try await bus.commands("orders/cancel", batch) }
            }
        },
        "memory-query": Benchmark { count in
            try await withBus { bus in
                for _ in 0..<count { _ = try await bus.query("orders/show", ["id": 123]) }
            }
        },
    ]

    private static func withBus(_ body: (MessageBus) async throws -> Void) async throws {
        let bus = try MessageBus(
            options: ["mq_adapter": "memory"], logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        try await bus.requests("orders") { orders in
            orders.command("cancel") { _, _ in }
            orders.query("show") { message, _ in message }
        }
        try await bus.start()
        try await body(bus)
        await bus.stop()
    }
}
