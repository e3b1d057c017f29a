import Foundation
import Testing

@testable import RabbitMQClient

@Suite struct ConnectTests {
    @Test func aGoodLoginGivesAUsableStream() async throws {
        let configuration = try await TestBroker.require()
        let established = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(established.frameMax == 131_072)
        #expect(established.channelMax == 2047)
        #expect(established.heartbeat == .seconds(10))
        #expect(established.serverProperties["product"] == "RabbitMQ")
        guard case .table(let capabilities) = established.serverProperties["capabilities"] else {
            Issue.record("no capabilities")
            return
        }
        #expect(capabilities["publisher_confirms"] == true)
        #expect(established.endpoint == configuration.endpoints[0])
        #expect(established.unread == [])
        try openChannel(established)

        established.transport.close()
        established.transport.close()
        #expect(established.transport.fileDescriptor == nil)
        let error = #expect(throws: AMQPError.self) { try openChannel(established) }
        #expect(error?.kind == .closed)
    }

    @Test func whatIsAskedForIsNegotiated() async throws {
        var configuration = try await TestBroker.require()
        configuration.heartbeat = .milliseconds(2500)
        configuration.frameMax = 1
        configuration.channelMax = 7
        let established = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(established.heartbeat == .seconds(3))
        #expect(established.frameMax == 4096)
        #expect(established.channelMax == 7)
        try openChannel(established)

        configuration.heartbeat = .zero
        configuration.frameMax = .max
        configuration.channelMax = 0
        let other = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(other.heartbeat == .zero)
        #expect(other.frameMax == 131_072)
        #expect(other.channelMax == 1)
    }

    @Test func aWrongPasswordIsAnAuthenticationError() async throws {
        var configuration = try await TestBroker.require()
        configuration.credentials = .plain(username: "guest", password: "s3cr3t-wrong")
        let error = connectFailure(configuration)
        #expect(error?.kind == .authentication)
        #expect(error?.replyCode == 403)
        #expect(error?.text.hasPrefix("\(configuration.endpoints[0]): 403 ACCESS_REFUSED") == true)
        #expect(error.map { "\($0)".contains("s3cr3t") } == false)
    }

    @Test func aMissingVirtualHostIsNamedAsSuch() async throws {
        var configuration = try await TestBroker.require()
        configuration.virtualHost = TestBroker.uniqueName("vhost")
        let error = connectFailure(configuration)
        #expect(error?.kind == .virtualHost)
        #expect(error?.replyCode == 530)
        #expect(error?.method == "connection.open")
        #expect(error?.text.contains(configuration.virtualHost) == true)
    }

    @Test func loggingInExternallyWithoutTLSIsRefused() async throws {
        var configuration = try await TestBroker.require()
        configuration.credentials = .external
        #expect(connectFailure(configuration)?.kind == .authentication)
    }

    @Test func aLongPasswordReachesTheBroker() async throws {
        var configuration = try await TestBroker.require()
        configuration.credentials = .plain(username: "guest", password: String(repeating: "é@/", count: 500))
        let error = connectFailure(configuration)
        #expect(error?.kind == .authentication)
        #expect(error?.replyCode == 403)
    }
}
