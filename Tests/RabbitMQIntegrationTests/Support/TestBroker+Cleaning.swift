import Logging
import RabbitMQClient

extension TestBroker {
    /// Removes a queue with its dead letters and the steps of its retry ladder.
    static func remove(queue: String, retryDelays: [Int] = []) async throws {
        try await withChannel { try await $0.remove(queue: queue, retryDelays: retryDelays) }
    }

    /// Removes a topic.
    static func remove(topic: String) async throws {
        try await withChannel { try await $0.deleteExchange(topic) }
    }

    /// Waits until a queue has so many dead letters, and says how many there are then.
    static func deadLetters(of queue: String, count: Int) async throws -> Int {
        try await withChannel { try await $0.depth(of: queue + ".dead", awaiting: count, within: .seconds(20)) }
    }

    /// Runs an operation on a channel of a connection of its own, past the adapter.
    static func withChannel<Result>(_ operation: (AMQPChannel) async throws -> Result) async throws -> Result {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let connection = try await AMQPConnection.open(try await require(), logger: logger)
        do {
            let result = try await connection.withChannel(operation)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}

extension AMQPConnection {
    /// Runs an operation on a channel of its own.
    func withChannel<Result>(_ operation: (AMQPChannel) async throws -> Result) async throws -> Result {
        let channel = try await openChannel()
        do {
            let result = try await operation(channel)
            await channel.close()
            return result
        } catch {
            await channel.close()
            throw error
        }
    }
}

extension AMQPChannel {
    /// Waits until a queue holds so many messages, and says how many there are then.
    func depth(of queue: String, awaiting count: Int, within limit: Duration) async throws -> Int {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while true {
            let depth = try await Int(declareQueue(queue, passive: true).messageCount)
            if depth == count || .now > deadline { return depth }
            // The broker tells nobody when a queue grows: it has to be asked again.
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Removes a queue with its dead letters and the steps of its retry ladder.
    func remove(queue: String, retryDelays: [Int]) async throws {
        for name in [queue, queue + ".dead"] + retryDelays.map({ "\(queue).retry.\($0)" }) {
            try await deleteQueue(name)
        }
        try await deleteExchange(queue + ".dead")
    }
}
