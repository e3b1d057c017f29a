import Foundation
import Testing

@testable import RabbitMQClient

@Suite(.enabled(if: TestBroker.expectsTLS, "no broker with TLS was named"))
struct ConnectTLSTests {
    @Test func aTrustedBrokerGivesAUsableStream() throws {
        let configuration = try TestBroker.requireTLS()
        let established = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(established.transport is TLSTransport)
        #expect(established.serverProperties["product"] == "RabbitMQ")
        try openChannel(established)
        established.transport.close()
        let error = #expect(throws: AMQPError.self) { try openChannel(established) }
        #expect(error?.kind == .closed)
    }

    @Test(arguments: ["stranger.pem", nil])
    func anUnknownAuthorityIsRefused(_ file: String?) throws {
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.caFile = try file.map { try TestBroker.file($0) }
        let error = connectFailure(configuration)
        #expect(error?.kind == .tls)
        #expect(error?.text.contains("the certificate is not trusted") == true)
    }

    @Test(arguments: ["elsewhere.invalid", "127.0.0.2", "::2"])
    func aWrongNameIsRefused(_ name: String) throws {
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.serverName = name
        let error = connectFailure(configuration)
        #expect(error?.kind == .tls)
        #expect(error?.text == "\(configuration.endpoints[0]): the certificate does not name \(name)")
        // Without the chain the name still counts, as long as nobody switches that off too.
        configuration.tls?.verifyPeer = false
        #expect(connectFailure(configuration)?.kind == .tls)
        configuration.tls?.verifyHostname = false
        try Connector(configuration).connect(to: configuration.endpoints[0]).transport.close()
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func namesAndAddressesOfTheCertificateAreTaken(_ host: String) throws {
        var configuration = try TestBroker.requireTLS()
        configuration.endpoints[0].host = host
        try openChannel(Connector(configuration).connect(to: configuration.endpoints[0]))
        configuration.tls?.serverName = "::1"
        try openChannel(Connector(configuration).connect(to: configuration.endpoints[0]))
    }

    @Test func withoutVerificationAnyAuthorityWillDo() throws {
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.caFile = nil
        configuration.tls?.verifyPeer = false
        try openChannel(Connector(configuration).connect(to: configuration.endpoints[0]))
    }

    @Test func theClientCertificateLogsIn() throws {
        var configuration = try TestBroker.requireTLS()
        configuration.credentials = .external
        let withoutCertificate = connectFailure(configuration)
        #expect(withoutCertificate?.kind == .authentication)
        configuration.tls?.certificateFile = try TestBroker.file("client.pem")
        configuration.tls?.keyFile = try TestBroker.file("client.key")
        try openChannel(Connector(configuration).connect(to: configuration.endpoints[0]))
    }

    @Test func aClientCertificateOfAStrangerNeverLogsIn() throws {
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.certificateFile = try TestBroker.file("stranger.pem")
        configuration.tls?.keyFile = try TestBroker.file("stranger.key")
        // "unknown ca", unless the broker's reset overtakes its alert; then this is a loss, and the next attempt tells.
        #expect([.tls, .connectionLost].contains(connectFailure(configuration)?.kind))
    }

    @Test func aKeyOfAnotherCertificateIsRefusedBeforeConnecting() throws {
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.certificateFile = try TestBroker.file("client.pem")
        configuration.tls?.keyFile = try TestBroker.file("server.key")
        let error = connectFailure(configuration)
        #expect(error?.kind == .tls)
        #expect(error?.text.contains("cannot be used") == true)
    }

    @Test func aKeyThatIsNoneIsNotRepeated() async throws {
        let key = NSTemporaryDirectory() + TestBroker.uniqueName("key")
        defer { try? FileManager.default.removeItem(atPath: key) }
        let text = "-----BEGIN PRIVATE KEY-----\nhidden secret\n-----END PRIVATE KEY-----\nhidden secret\n"
        try text.write(toFile: key, atomically: true, encoding: .utf8)
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.certificateFile = try TestBroker.file("client.pem")
        configuration.tls?.keyFile = key
        let error = connectFailure(configuration)
        #expect(error?.kind == .tls)
        #expect(error?.text.contains("cannot be used") == true)
        #expect(error?.text.contains("hidden") == false)
    }

    @Test func anEncryptedKeyNeedsItsPassphraseAndNobodyIsAsked() throws {
        let key = NSTemporaryDirectory() + TestBroker.uniqueName("key")
        defer { try? FileManager.default.removeItem(atPath: key) }
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "pkcs8", "-topk8", "-v2", "aes256", "-passout", "pass:open sesame", "-in",
            try TestBroker.file("client.key"), "-out", key,
        ]
        try openssl.run()
        openssl.waitUntilExit()
        #expect(openssl.terminationStatus == 0)

        var configuration = try TestBroker.requireTLS()
        configuration.credentials = .external
        configuration.tls?.certificateFile = try TestBroker.file("client.pem")
        configuration.tls?.keyFile = key
        for passphrase in [nil, "", "shut sesame"] as [String?] {
            configuration.tls?.keyPassphrase = passphrase
            let error = connectFailure(configuration)
            #expect(error?.kind == .tls)
            #expect(error?.text.contains("sesame") == false)
        }
        configuration.tls?.keyPassphrase = "open sesame"
        try openChannel(Connector(configuration).connect(to: configuration.endpoints[0]))
    }

    @Test func aMissingFileIsNamed() throws {
        var configuration = try TestBroker.requireTLS()
        configuration.tls?.caFile = "/nonexistent/ca.pem"
        let error = connectFailure(configuration)
        #expect(error?.kind == .tls)
        #expect(error?.text.contains("the CA file cannot be used: No such file or directory") == true)
    }

    @Test func plainAndTLSDoNotMix() async throws {
        var tlsToPlain = try await TestBroker.require()
        tlsToPlain.tls = AMQPTLSConfiguration(caFile: try TestBroker.file("ca.pem"))
        let wrongVersion = connectFailure(tlsToPlain)
        #expect(wrongVersion?.kind == .tls)

        var plainToTLS = try TestBroker.requireTLS()
        plainToTLS.tls = nil
        #expect(connectFailure(plainToTLS)?.kind == .connectionLost)
    }

    @Test func aRefusedPortHasTheSystemsReason() throws {
        var configuration = try TestBroker.requireTLS()
        // Port 1 (tcpmux) is served nowhere.
        configuration.endpoints[0] = AMQPEndpoint(host: "127.0.0.1", port: 1)
        let error = connectFailure(configuration)
        #expect(error?.kind == .connectFailed)
        #expect(error?.text == "127.0.0.1:1: Connection refused")
    }
}
