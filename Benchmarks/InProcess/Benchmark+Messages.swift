import MimiMessaging

extension Benchmark {
    /// Targets, headers, bodies and ids.
    static let messages: [String: Benchmark] = [
        "targets": Benchmark { count in
            for _ in 0..<count { _ = try RequestTarget("orders.urgent/show").validated() }
        },
        "headers": Benchmark { count in
            let own: MessageHeaders = ["tenant": "a", "locale": "en"]
            for _ in 0..<count {
                let merged = own.merging(["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
                precondition(merged["tenant"] == "a", "a header is lost")
            }
        },
        "ids": Benchmark { count in
            for _ in 0..<count { precondition(RandomID.make().utf8.count == 32, "an id is cut") }
        },
        "json-encode-values": Benchmark { count in
            for _ in 0..<count { _ = try serializer.encode(values) }
        },
        "json-decode-values": Benchmark { count in
            let bytes = try serializer.encode(values)
            for _ in 0..<count { _ = try serializer.decode([String: MessageValue].self, from: bytes) }
        },
        "json-encode-type": Benchmark { count in
            for _ in 0..<count { _ = try serializer.encode(order) }
        },
        "json-decode-type": Benchmark { count in
            let bytes = try serializer.encode(order)
            for _ in 0..<count { _ = try serializer.decode(Order.self, from: bytes) }
        },
    ]

    private struct Order: Codable {
        var id: Int
        var customer: String
        var note: String
    }

    private static let serializer = JSONMessageSerializer()
    private static let order = Order(id: 123, customer: "b3cc29c8d2ec68e0", note: String(repeating: "x", count: 200))
    private static let values: [String: MessageValue] = [
        "id": 123, "customer": "b3cc29c8d2ec68e0", "note": .string(String(repeating: "x", count: 200)),
    ]
}
