import Logging
import RabbitMQClient

extension TestBroker {
    /// Removes a queue with its dead letters and the steps of its retry ladder.
    static func remove(queue: String, retryDelays: [Int] = [], url: String = TestBroker.url) async throws {
        try await withChannel(url: url) { channel in
            for name in [queue, queue + ".dead"] + retryDelays.map({ "\(queue).retry.\($0)" }) {
                try await channel.deleteQueue(name)
            }
            try await channel.deleteExchange(queue + ".dead")
        }
    }

    /// Removes a topic.
    static func remove(topic: String, url: String = TestBroker.url) async throws {
        try await withChannel(url: url) { try await $0.deleteExchange(topic) }
    }

    /// Runs an operation on a channel of a connection of its own, past the adapter.
    @discardableResult
    static func withChannel<Result>(
        url: String = TestBroker.url, _ operation: (AMQPChannel) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let connection = try await AMQPConnection.open(try await require(url), logger: logger)
        do {
            let result = try await operation(try await connection.openChannel())
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}
