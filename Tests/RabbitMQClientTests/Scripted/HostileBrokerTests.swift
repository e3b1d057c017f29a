import Testing

@testable import RabbitMQClient

/// A broker, or somebody between, that means harm. It can end the connection, and no more.
@Suite(.timeLimit(.minutes(2)))
struct HostileBrokerTests {
    /// What a broker says in a short session: two deliveries, an answer to a publish, a heartbeat, an alarm.
    private static let session =
        PeerFrame.deliver(1, "c", 1, [1, 2, 3]) + PeerFrame.heartbeat + PeerFrame.blocked("low on memory")
        + PeerFrame.unblocked + PeerFrame.deliver(1, "c", 2, []) + PeerFrame.ack(1, 1)
        + PeerFrame.returned(1, exchange: "", routingKey: "nowhere", body: [9])

    /// A connection with a consumer.
    private func connection() async throws -> (ScriptedConnection, AsyncStream<AMQPDelivery?>.Iterator) {
        let connection = ScriptedConnection()
        let channel = try await connection.openChannel()
        return (connection, try await connection.consume(channel))
    }

    @Test func aSessionThatIsCutAnywhereIsALoss() async throws {
        for length in Self.session.indices {
            let (connection, _) = try await connection()
            connection.transport.hasEnded = true
            connection.hear(Array(Self.session.prefix(length)))
            #expect(connection.hasFinished, "cut at \(length)")
            #expect(await connection.end()?.kind == .connectionLost, "cut at \(length)")
        }
    }

    @Test(
        arguments: [
            [0, 0, 0, 0, 0, 0, 0],  // a frame of type 0
            [1, 0, 1, 0, 0, 0, 0, 206],  // of size 0
            [1, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF],  // of size 2^31 - 1
            [1, 0, 1, 0x80, 0, 0, 0], [3, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF], [2, 0, 1, 0, 0, 0, 13],
            [99, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 206],  // of an unknown type
            [1, 0xFF, 0xFF, 0, 0, 0, 4],  // on a channel that is none
            [3, 0, 0, 0, 0, 0, 1, 0, 206], [8, 0, 1, 0, 0, 0, 0, 206],
            [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 11, 0],  // without its end
        ] as [[UInt8]])
    func aFrameThatIsNoneEndsTheConnection(_ frame: [UInt8]) async throws {
        let (connection, _) = try await connection()
        connection.hear(frame)
        connection.writeAll()
        #expect(connection.hasFinished)
        #expect(connection.sent.last == "connection.close 501")
        #expect(await connection.end()?.kind == .protocolViolation)
    }

    @Test func aBodyOfATerabyteIsReadAndDropped() async throws {
        let (connection, _) = try await connection()
        connection.hear(PeerFrame.deliverMethod(1, "c", 1), PeerFrame.header(1, size: 1 << 40))
        let piece = PeerFrame.body(1, [UInt8](repeating: 7, count: 4088))
        for _ in 0..<2000 { connection.hear(piece) }
        #expect(!connection.hasFinished)
        // The other end stops: nothing of it was delivered, or kept.
        connection.transport.hasEnded = true
        connection.hear()
        #expect(connection.hasFinished)
        #expect(await connection.end()?.kind == .connectionLost)
    }

    @Test func deliveryTagsMaySkipButNotGoBack() async throws {
        let (connection, _) = try await connection()
        // A trillion apart: to keep what is between them would fill any memory.
        for step in 0..<100 as Range<UInt64> {
            connection.hear(PeerFrame.deliver(1, "c", 1 + step << 40, []))
            connection.writeAll()
        }
        #expect(!connection.hasFinished)
        connection.hear(PeerFrame.deliver(1, "c", 1 + 98 << 40, []))
        connection.writeAll()
        #expect(connection.hasFinished)
        #expect(await connection.end()?.kind == .protocolViolation)
    }
}
