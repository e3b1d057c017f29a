public import MimiMessaging

/// Starts a bus for a test, and stops it whatever happens in between. Its processors are unregistered then.
///
/// ```swift
/// try await withMessageBus { bus in
///     try await bus.register(OrdersProcessor(), queue: "orders")
///     let order = try await bus.query("orders/show", ["id": 123])
///     #expect(order["id"]?.integer == 123)
/// }
/// ```
/// - Parameters:
///   - bus: The bus; by default a new one on the in-memory adapter, with a broker of its own.
///   - body: The test.
/// - Returns: What `body` returns.
/// - Throws: What starting the bus or `body` throws.
@discardableResult
public func withMessageBus<Result>(
    _ bus: @autoclosure () throws -> MessageBus = try MessageBus(options: ["mq_adapter": "memory"]),
    _ body: (MessageBus) async throws -> Result
) async throws -> Result {
    let bus = try bus()
    do {
        try await bus.start()
        let result = try await body(bus)
        await bus.end()
        return result
    } catch {
        await bus.end()
        throw error
    }
}

extension MessageBus {
    /// Stops it and lets go of its processors: handlers that send hold the bus that holds them.
    package func end() async {
        await stop()
        await unregisterAllProcessors()
    }
}
