import Testing

@testable import RabbitMQClient

@Suite struct ConnectConfigurationTests {
    static let secrets = ["s3cr3t-user", "s3cr3t-pass", "s3cr3t-phrase"]

    static let configuration = AMQPConnectionConfiguration(
        endpoints: [AMQPEndpoint(host: "::1", port: 5671)],
        credentials: .plain(username: secrets[0], password: secrets[1]),
        tls: AMQPTLSConfiguration(keyFile: "key.pem", keyPassphrase: secrets[2]))

    static func forms(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(describing: value), String(reflecting: value), dumped]
    }

    @Test func secretsShowInNoTextualForm() {
        let all =
            Self.forms(Self.configuration) + Self.forms(Self.configuration.credentials)
            + Self.forms(Self.configuration.tls as Any) + Self.forms([Self.configuration.credentials])
            + Self.forms(Connector(Self.configuration))
        for text in all {
            #expect(!text.contains("s3cr3t"))
        }
        #expect(all[0].contains("redacted"))
        #expect(all[0].contains("key.pem"))
    }

    @Test func endpointsReadAsTheyAreWritten() {
        #expect("\(AMQPEndpoint(host: "a.b", port: 5672))" == "a.b:5672")
        #expect("\(AMQPEndpoint(host: "::1", port: 1))" == "[::1]:1")
        #expect("\(AMQPEndpoint(host: "a\nb", port: 1))" == "a\\nb:1")
    }

    @Test(arguments: [("a\0b", "s3cr3t"), ("u", "s3cr3t\0"), ("u", String(repeating: "s3cr3t", count: 3000))])
    func credentialsThatCannotBeCarriedAreRefusedWithoutRepeatingThem(_ username: String, _ password: String) {
        var configuration = Self.configuration
        configuration.credentials = .plain(username: username, password: password)
        let error = #expect(throws: AMQPError.self) { try LoginParameters(configuration) }
        #expect(error?.kind == .authentication)
        #expect(error?.text.contains("s3cr3t") == false)
    }

    @Test(arguments: ["a\0b", String(repeating: "v", count: 256)])
    func virtualHostsThatCannotBeCarriedAreRefused(_ name: String) {
        var configuration = Self.configuration
        configuration.virtualHost = name
        let error = #expect(throws: AMQPError.self) { try LoginParameters(configuration) }
        #expect(error?.kind == .virtualHost)
    }

    @Test func theBrokerIsToldWhatWeCanDo() throws {
        var configuration = Self.configuration
        configuration.connectionName = "orders"
        let properties = try LoginParameters(configuration).clientProperties
        #expect(properties["connection_name"] == "orders")
        #expect(properties["product"] == "mimi-messaging")
        guard case .table(let capabilities) = properties["capabilities"] else {
            Issue.record("no capabilities")
            return
        }
        #expect(
            Set(capabilities.map(\.name)) == [
                "publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked",
                "authentication_failure_close", "exchange_exchange_bindings",
            ])
        #expect(capabilities.allSatisfy { $0.value == true })
    }

    @Test(arguments: [
        (Duration.zero, Int32(0)), (.seconds(-1), 0), (.milliseconds(1), 1), (.seconds(10), 10),
        (.milliseconds(10_001), 11),
        (.seconds(1_000_000), 65534),
    ])
    func heartbeatsAreWholeSeconds(_ duration: Duration, _ seconds: Int32) throws {
        var configuration = Self.configuration
        configuration.heartbeat = duration
        #expect(try LoginParameters(configuration).heartbeat == seconds)
    }

    @Test func statusesOfTheLibraryHaveTheirKinds() {
        let login = LibraryFailure(endpoint: AMQPEndpoint(host: "h", port: 1), stage: .login)
        let kinds: [(Int32, AMQPError.Kind)] = [
            (-0x1, .internalError), (-0x2, .protocolViolation), (-0x3, .protocolViolation), (-0x4, .protocolViolation),
            (-0x5, .connectFailed), (-0x6, .protocolViolation), (-0x7, .connectionLost), (-0x9, .connectionLost),
            (-0xD, .connectFailed), (-0xE, .internalError), (-0xF, .heartbeatLost), (-0x11, .connectionLost),
            (-0x13, .authentication), (-0x100, .connectionLost), (-0x200, .connectionLost),
            (-0x201, .tls), (-0x202, .tls), (-0x203, .connectionLost), (-0x7FFF, .internalError),
        ]
        for (status, kind) in kinds {
            let error = login.error(status: status, detail: nil)
            #expect(error.kind == kind, "\(status)")
            #expect(error.text.hasPrefix("h:1: "))
        }
        let (refused, cut) = (
            TLSError(text: "certificate required", isCut: false), TLSError(text: "reset", isCut: true)
        )
        for status in [-0x11, -0x200, -0x203] as [Int32] {
            #expect(login.error(status: status, detail: refused).kind == .tls)
            #expect(login.error(status: status, detail: cut).kind == .connectionLost)
        }
    }

    @Test func timeLimitsForPollAreRoundedUp() {
        #expect(Duration.zero.pollMilliseconds == 0)
        #expect(Duration.nanoseconds(1).pollMilliseconds == 1)
        #expect(Duration.milliseconds(1500).pollMilliseconds == 1500)
        #expect(Duration.seconds(1 << 40).pollMilliseconds == .max)
    }
}
