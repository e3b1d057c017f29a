import Foundation
import Logging
import Testing

@testable import RabbitMQClient

/// An open connection with one channel in confirm mode, for the time of `body`.
func withChannel(
    _ change: (inout AMQPConnectionConfiguration) -> Void = { _ in },
    _ body: (AMQPConnection, AMQPChannel) async throws -> Void
) async throws {
    let connection = try await openConnection(change)
    do {
        let channel = try await connection.openChannel()
        try await channel.selectConfirms()
        try await body(connection, channel)
    } catch {
        await connection.close()
        throw error
    }
    await connection.close()
}

/// A connection to the test broker.
func openConnection(_ change: (inout AMQPConnectionConfiguration) -> Void = { _ in }) async throws -> AMQPConnection {
    var configuration = try await TestBroker.require()
    change(&configuration)
    return try await AMQPConnection.open(configuration, logger: Logger(label: "client-tests"))
}

extension AMQPChannel {
    /// A queue of our own that goes with the connection.
    func ownQueue(_ arguments: AMQPFieldTable = [:]) async throws -> String {
        let name = TestBroker.uniqueName("own")
        return try await declareQueue(name, durable: false, exclusive: true, arguments: arguments).name
    }

    /// Publishes to a queue and waits for the confirm.
    func publish(_ body: [UInt8], to queue: String) async throws {
        try await publish(AMQPMessage(body: body), exchange: "", routingKey: queue, mandatory: true)
    }

    /// Starts a consumer that puts what it gets into a stream, which ends when the broker cancels the consumer.
    func deliveries(
        of queue: String, noAck: Bool = false
    ) async throws -> (tag: String, deliveries: AsyncStream<AMQPDelivery>) {
        let (stream, continuation) = AsyncStream.makeStream(of: AMQPDelivery.self)
        let tag = try await consume(
            queue, noAck: noAck, onDelivery: { continuation.yield($0) }, onCancel: { continuation.finish() })
        return (tag, stream)
    }
}

extension AMQPDelivery {
    /// The body, if the message is good.
    var body: [UInt8]? {
        guard case .message(let message) = content else { return nil }
        return message.body
    }
}

/// The error that `body` throws.
func clientFailure(_ body: () async throws -> Void) async -> AMQPError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? AMQPError
    }
}

/// Whether ``resources()`` can tell.
let canCountResources = FileManager.default.fileExists(atPath: "/proc/self/task")

/// How many descriptors and threads this process has.
func resources() throws -> (descriptors: Int, threads: Int) {
    let files = FileManager.default
    return (
        try files.contentsOfDirectory(atPath: "/proc/self/fd").count,
        try files.contentsOfDirectory(atPath: "/proc/self/task").count
    )
}
