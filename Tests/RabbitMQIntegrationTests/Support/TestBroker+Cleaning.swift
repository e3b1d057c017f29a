import Logging
import RabbitMQClient

extension TestBroker {
    /// Removes a queue with its dead letters and the steps of its retry ladder.
    static func remove(queue: String, retryDelays: [Int] = []) async throws {
        try await withChannel { channel in
            for name in [queue, queue + ".dead"] + retryDelays.map({ "\(queue).retry.\($0)" }) {
                try await channel.deleteQueue(name)
            }
            try await channel.deleteExchange(queue + ".dead")
        }
    }

    /// Removes a topic.
    static func remove(topic: String) async throws {
        try await withChannel { try await $0.deleteExchange(topic) }
    }

    /// Runs an operation on a channel of a connection of its own, past the adapter.
    static func withChannel<Result>(_ operation: (AMQPChannel) async throws -> Result) async throws -> Result {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let connection = try await AMQPConnection.open(try await require(), logger: logger)
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
