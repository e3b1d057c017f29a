import Foundation
import Logging
import Testing

@testable import RabbitMQClient

@Suite(.timeLimit(.minutes(2))) struct ClientLifecycleTests {
    @Test func aDeclareThatContradictsClosesTheChannelOnly() async throws {
        try await withChannel { connection, channel in
            let queue = try await channel.ownQueue()
            let error = await clientFailure {
                _ = try await channel.declareQueue(queue, durable: false, exclusive: true, autoDelete: true)
            }
            #expect(error?.kind == .channelClosed)
            #expect(error?.replyCode == 406)
            #expect(error?.method == "queue.declare")
            _ = try await connection.openChannel().ownQueue()
        }
    }

    @Test func exchangesAndBindings() async throws {
        try await withChannel { _, channel in
            let exchange = TestBroker.uniqueName("exchange")
            let queue = try await channel.ownQueue()
            try await channel.declareExchange(exchange, type: "fanout", durable: false, autoDelete: false)
            try await channel.declareExchange(exchange, type: "fanout", passive: true)
            try await channel.bindQueue(queue, exchange: exchange, routingKey: "")
            try await channel.publish(AMQPMessage(body: [1]), exchange: exchange, routingKey: "", mandatory: true)
            #expect(try await channel.purgeQueue(queue) == 1)
            try await channel.unbindQueue(queue, exchange: exchange, routingKey: "")
            let error = await clientFailure {
                try await channel.publish(AMQPMessage(body: [1]), exchange: exchange, routingKey: "", mandatory: true)
            }
            #expect(error?.kind == .unroutable)
            try await channel.deleteExchange(exchange)
        }
    }

    /// RabbitMQ closes the whole connection over an unknown exchange type (503); 4.x only the channel (406).
    @Test func whatTheBrokerClosesSaysWhy() async throws {
        let connection = try await openConnection()
        let channel = try await connection.openChannel()
        let bystander = try await connection.openChannel()
        let error = await clientFailure {
            try await channel.declareExchange(TestBroker.uniqueName("exchange"), type: "no-such-type")
        }
        switch error?.kind {
        case .closedByBroker:
            #expect(error?.replyCode == 503)
            let late = await clientFailure { _ = try await bystander.ownQueue() }
            #expect(late?.kind == .closedByBroker)
            var cause: AMQPError?
            for await case .closed(let why) in connection.events { cause = why }
            #expect(cause?.replyCode == 503)
        case .channelClosed: #expect(error?.replyCode == 406)
        default: Issue.record("not closed: \(String(describing: error))")
        }
        await connection.close()
    }

    @Test func whatWaitsFailsWhenTheConnectionIsClosed() async throws {
        let connection = try await openConnection()
        let channel = try await connection.openChannel()
        weak var captured: Token?
        do {
            let token = Token()
            captured = token
            try await channel.consume(
                try await channel.ownQueue(), onDelivery: { _ in token.use() }, onCancel: { token.use() })
        }
        #expect(captured != nil)
        await connection.close()
        // The connection lets go of its consumers.
        #expect(captured == nil)
        await connection.close()
        let error = await clientFailure { _ = try await channel.ownQueue() }
        #expect(error?.kind == .closed)
        for await case .closed(let why) in channel.events { #expect(why.kind == .closed) }
    }

    @Test func nobodyThereIsConnectFailed() async throws {
        let configuration = AMQPConnectionConfiguration(endpoints: [AMQPEndpoint(host: "127.0.0.1", port: 1)])
        let error = await clientFailure {
            _ = try await AMQPConnection.open(configuration, logger: Logger(label: "client-tests"))
        }
        #expect(error?.kind == .connectFailed)
    }

    @Test func theNextEndpointIsTried() async throws {
        let connection = try await openConnection {
            $0.endpoints.insert(AMQPEndpoint(host: "127.0.0.1", port: 1), at: 0)
        }
        #expect(connection.endpoint.port != 1)
        await connection.close()
    }

    @Test func aWrongPasswordTellsMoreThanADeadPort() async throws {
        let error = await clientFailure {
            _ = try await openConnection {
                $0.credentials = .plain(username: "guest", password: "wrong")
                $0.endpoints.append(AMQPEndpoint(host: "127.0.0.1", port: 1))
            }
        }
        #expect(error?.kind == .authentication)
    }

    @Test func openingMayBeCancelled() async throws {
        // Takes connections and says nothing.
        let silent = try SilentListener()
        let configuration = AMQPConnectionConfiguration(
            endpoints: [AMQPEndpoint(host: "127.0.0.1", port: silent.port)], connectTimeout: .seconds(30))
        let opening = Task { try await AMQPConnection.open(configuration, logger: Logger(label: "client-tests")) }
        silent.accept()
        opening.cancel()
        let error = await clientFailure { _ = try await opening.value }
        #expect(error?.kind == .closed)
    }

    @Test func heartbeatsKeepAnIdleConnection() async throws {
        try await withChannel({ $0.heartbeat = .seconds(1) }) { _, channel in
            // Longer than the broker waits for us, which is three intervals. Time is what is tested here.
            try await Task.sleep(for: .seconds(4))
            _ = try await channel.ownQueue()
        }
    }

    /// In a process of its own, because it counts what the process has.
    @Test(.enabled(if: canCountResources, "only /proc tells")) func openingAndClosingLeaksNothing() async {
        await #expect(processExitsWith: .success) {
            func round() async throws {
                let connection = try await openConnection()
                _ = try await connection.openChannel().ownQueue()
                await connection.close()
            }
            // The first rounds start the threads of the concurrency runtime.
            for _ in 0..<5 { try await round() }
            let before = try resources()
            for _ in 0..<50 { try await round() }
            let after = try resources()
            #expect(after.descriptors == before.descriptors)
            #expect(after.threads <= before.threads + 1)
        }
    }
}

/// Something that a consumer's callbacks hold.
private final class Token: Sendable {
    func use() {}
}

/// A listener on the loopback that takes a connection and says nothing.
private final class SilentListener {
    let port: Int
    private let listener: Int32
    private var connection: Int32 = -1

    init() throws {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            _ = unsafe bind(listener, pointer, length)
            _ = listen(listener, 1)
            _ = unsafe getsockname(listener, pointer, &length)
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(connection)
        close(listener)
    }

    /// Waits for the client.
    func accept() { connection = Foundation.accept(listener, nil, nil) }
}
