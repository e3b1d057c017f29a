import MimiMessaging
import RabbitMQClient

/// Declares queues, exchanges and bindings on a connection. What is there already, and is as wanted, stays.
///
/// It works on a channel of its own, and takes a new one after a declaration that the broker refuses, since that costs the
/// channel. A user without the permission to configure is content with what an operator has declared.
struct TopologyDeclarer {
    private let connection: AMQPConnection
    private var channel: AMQPChannel?

    /// Runs declarations on a connection.
    static func declare(
        on connection: AMQPConnection, _ declarations: (inout TopologyDeclarer) async throws -> Void
    ) async throws {
        var declarer = TopologyDeclarer(connection: connection, channel: nil)
        do {
            try await declarations(&declarer)
        } catch {
            await declarer.channel?.close()
            throw error
        }
        await declarer.channel?.close()
    }

    /// Declares one thing after the other.
    mutating func declare(_ declarations: [TopologyDeclaration]) async throws {
        for declaration in declarations { try await declare(declaration) }
    }

    /// Declares one thing, or expects it to be there where that is all that the user may do.
    mutating func declare(_ declaration: TopologyDeclaration) async throws {
        try await declare(
            { try await $0.declare(declaration) }, orExpect: { _ = try await $0.status(of: declaration) })
    }

    private mutating func declare(
        _ declaration: (AMQPChannel) async throws -> Void, orExpect expectation: (AMQPChannel) async throws -> Void
    ) async throws {
        do {
            try await onChannel(declaration)
        } catch let error as AMQPError where error.replyCode == 403 {
            do {
                try await onChannel(expectation)
            } catch let missing as AMQPError where missing.replyCode == 404 {
                throw error
            }
        }
    }

    private mutating func onChannel(_ operation: (AMQPChannel) async throws -> Void) async throws {
        let channel: AMQPChannel
        if let known = self.channel { channel = known } else { channel = try await connection.openChannel() }
        self.channel = nil
        do {
            try await operation(channel)
            self.channel = channel
        } catch {
            await channel.close()
            throw error
        }
    }
}
