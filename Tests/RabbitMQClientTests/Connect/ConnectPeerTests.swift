import Testing

@testable import RabbitMQClient

/// Connecting to peers that are no well-behaved broker.
@Suite struct ConnectPeerTests {
    static func configuration(_ port: Int) -> AMQPConnectionConfiguration {
        AMQPConnectionConfiguration(
            endpoints: [AMQPEndpoint(host: "127.0.0.1", port: port)],
            credentials: .plain(username: "u", password: "s3cr3t"), connectTimeout: .milliseconds(300))
    }

    static func failure(_ configuration: AMQPConnectionConfiguration) -> AMQPError? {
        do {
            try Connector(configuration).connect(to: configuration.endpoints[0]).transport.close()
            return nil
        } catch {
            return error
        }
    }

    static let start = WireBytes.method(
        10, 10, channel: 0,
        WireBytes([0, 9]).long(WireBytes().entry("product", "S", WireBytes().long(Array("Script".utf8)).bytes).bytes)
            .long(Array("AMQPLAIN PLAIN".utf8)).long(Array("en_US".utf8)).bytes)

    static func tune(channelMax: UInt16 = 100, frameMax: UInt32 = 8192, heartbeat: UInt16 = 5) -> [UInt8] {
        WireBytes.method(
            10, 30, channel: 0, WireBytes().int(channelMax).int(frameMax).int(heartbeat).bytes)
    }

    static let openOk = WireBytes.method(10, 41, channel: 0, [0])
    static let blocked = WireBytes.method(10, 60, channel: 0, WireBytes().short("low on memory").bytes)
    static let heartbeat = WireBytes.frame(8, channel: 0, [])

    static func login(tune: [UInt8] = tune(), last: [UInt8]) -> [ScriptedPeer.Step] {
        [.receive, .send(start), .receive, .send(tune), .receive, .send(last), .drain]
    }

    @Test func aScriptedLoginIsTaken() throws {
        let peer = ScriptedPeer(Self.login(last: Self.openOk))
        let configuration = Self.configuration(peer.port)
        let established = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(established.serverProperties["product"] == "Script")
        #expect(established.channelMax == 100)
        #expect(established.frameMax == 8192)
        #expect(established.heartbeat == .seconds(5))
        #expect(established.unread == [])
        established.transport.close()
    }

    @Test(arguments: [nil, []] as [[ScriptedPeer.Step]?])
    func theNextAddressIsTriedWhenOneIsSilentOrHangsUp(_ steps: [ScriptedPeer.Step]?) throws {
        let bad = ScriptedPeer(steps)
        let good = ScriptedPeer(Self.login(last: Self.openOk))
        let deadline = Deadline(after: .seconds(4))
        let addresses = try [bad, good].flatMap { peer in
            try Resolver.addresses(of: Self.configuration(peer.port).endpoints[0], deadline: deadline)
        }
        let configuration = Self.configuration(good.port)
        let established = try Connector(configuration).connect(
            to: addresses, of: configuration.endpoints[0], deadline: deadline)
        #expect(established.serverProperties["product"] == "Script")
        established.transport.close()
    }

    /// RabbitMQ may take less, since the frame comes before any size is agreed on; this side cuts nothing.
    @Test(arguments: ["", "p@ss/Zx9!%25", "пароль-🔑", String(repeating: "0123456789abcdef", count: 256)])
    func anyPasswordGoesOutWhole(_ password: String) throws {
        let peer = ScriptedPeer(Self.login(last: Self.openOk))
        var configuration = Self.configuration(peer.port)
        configuration.credentials = .plain(username: "u", password: password)
        try Connector(configuration).connect(to: configuration.endpoints[0]).transport.close()
        let mechanism = WireBytes().short("PLAIN").long(Array("\0u\0\(password)".utf8)).short("en_US").bytes
        // In the first frame behind the protocol header, up to its end, before whatever follows.
        let frame = peer.heard.dropFirst(8)
        let size = frame.dropFirst(3).prefix(4).reduce(0) { $0 << 8 | Int($1) }
        #expect(Array(frame.dropFirst(7).prefix(size).suffix(mechanism.count)) == mechanism)
    }

    @Test(arguments: [
        (blocked, blocked), (heartbeat, []),
        (blocked + heartbeat + WireBytes.method(10, 61, channel: 0), blocked + WireBytes.method(10, 61, channel: 0)),
    ])
    func whatComesBehindTheLoginIsNotLost(_ sent: [UInt8], _ kept: [UInt8]) throws {
        let peer = ScriptedPeer(Self.login(last: Self.openOk + sent))
        let configuration = Self.configuration(peer.port)
        let established = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(established.unread == kept)
        established.transport.close()
    }

    @Test func aFrameThatBeganBehindTheLoginMustEnd() {
        let peer = ScriptedPeer(Self.login(last: Self.openOk + Self.blocked.prefix(9)))
        let error = Self.failure(Self.configuration(peer.port))
        #expect(error?.kind == .connectFailed)
        #expect(error?.text.contains("did not end within the time limit") == true)
    }

    @Test func noLimitOnChannelsMeansOurs() throws {
        let peer = ScriptedPeer(
            Self.login(tune: Self.tune(channelMax: 0, frameMax: 0, heartbeat: 0), last: Self.openOk))
        let configuration = Self.configuration(peer.port)
        let established = try Connector(configuration).connect(to: configuration.endpoints[0])
        #expect(established.channelMax == 2047)
        #expect(established.frameMax == 131_072)
        established.transport.close()
    }

    @Test func framesAreNeverBelowTheMinimum() {
        let peer = ScriptedPeer(Self.login(tune: Self.tune(frameMax: 64), last: Self.openOk))
        let configuration = Self.configuration(peer.port)
        // The library raises it or, before 0.16 and unpatched, takes it; then we refuse.
        do {
            let established = try Connector(configuration).connect(to: configuration.endpoints[0])
            #expect(established.frameMax == 4096)
            established.transport.close()
        } catch {
            #expect(error.kind == .protocolViolation)
        }
    }

    @Test func aLoginThatIsCutAnywhereIsALoss() {
        let said = [Self.start, Self.tune(), Self.openOk]
        for stage in said.indices {
            for length in said[stage].indices {
                var steps: [ScriptedPeer.Step] = said[..<stage].flatMap { [.receive, .send($0)] }
                steps += [.receive, .send(Array(said[stage].prefix(length)))]
                let peer = ScriptedPeer(steps)
                var configuration = Self.configuration(peer.port)
                configuration.connectTimeout = .seconds(20)
                #expect(Self.failure(configuration)?.kind == .connectionLost, "\(stage), \(length)")
            }
        }
    }

    @Test(arguments: [
        (UInt16(0), UInt32(0), UInt16(0)), (65535, .max, 65535), (1, 4095, 1), (0, 1, 0), (1, 4096, 65535),
    ])
    func whateverIsOfferedOurBoundsHold(_ channelMax: UInt16, _ frameMax: UInt32, _ heartbeat: UInt16) {
        let peer = ScriptedPeer(
            Self.login(
                tune: Self.tune(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat), last: Self.openOk))
        var configuration = Self.configuration(peer.port)
        configuration.connectTimeout = .seconds(20)
        do {
            let established = try Connector(configuration).connect(to: configuration.endpoints[0])
            #expect((4096...131_072).contains(established.frameMax))
            #expect((1...2047).contains(established.channelMax))
            #expect(established.heartbeat <= .seconds(10))
            established.transport.close()
        } catch {
            #expect(error.kind == .protocolViolation)
        }
    }

    @Test(arguments: [
        (UInt16(403), AMQPError.Kind.authentication), (530, .virtualHost), (320, .closedByBroker),
        (541, .closedByBroker),
    ])
    func aCloseInTheLoginSaysWhy(_ code: UInt16, _ kind: AMQPError.Kind) {
        let close = WireBytes.method(
            10, 50, channel: 0, WireBytes().int(code).short("SAYS\nSO").int(UInt16(10)).int(UInt16(40)).bytes)
        let peer = ScriptedPeer(Self.login(last: close))
        let error = Self.failure(Self.configuration(peer.port))
        #expect(error?.kind == kind)
        #expect(error?.replyCode == code)
        #expect(error?.replyText == "SAYS\\nSO")
        #expect(error?.method == "connection.open")
    }

    @Test(arguments: [true, false])
    func aSilentPeerIsGivenUpInTime(_ withTLS: Bool) {
        let peer = ScriptedPeer(nil)
        var configuration = Self.configuration(peer.port)
        if withTLS { configuration.tls = AMQPTLSConfiguration() }
        var error: AMQPError?
        let elapsed = ContinuousClock().measure { error = Self.failure(configuration) }
        #expect(error?.kind == .connectFailed)
        #expect(error?.text.contains(withTLS ? "the TLS handshake" : "the login") == true)
        #expect(elapsed >= .milliseconds(290))
        #expect(elapsed < .seconds(3))
    }

    @Test(arguments: [[], [start], [start, tune()]] as [[[UInt8]]])
    func aPeerThatFallsSilentIsGivenUpInTime(_ said: [[UInt8]]) {
        let peer = ScriptedPeer(said.flatMap { [.receive, .send($0)] } + [.drain])
        let error = Self.failure(Self.configuration(peer.port))
        #expect(error?.kind == .connectFailed)
        #expect(error?.text.hasSuffix("the login did not end within the time limit") == true)
    }

    @Test func aPeerThatEndsTheStreamIsNamed() {
        let peer = ScriptedPeer([.receive])
        let error = Self.failure(Self.configuration(peer.port))
        #expect(error?.kind == .connectionLost)
        #expect(error?.text == "127.0.0.1:\(peer.port): the peer ended the stream during the login")
    }

    /// A broker that goes down does it, too: nobody has refused anything.
    @Test func aHandshakeThatIsCutIsALossAndNoRefusal() {
        let peer = ScriptedPeer([.receive])
        var configuration = Self.configuration(peer.port)
        configuration.tls = AMQPTLSConfiguration()
        configuration.connectTimeout = .seconds(20)
        let error = Self.failure(configuration)
        #expect(error?.kind == .connectionLost)
        #expect(error?.text.hasSuffix("during the TLS handshake") == true)
    }

    /// Each answers the handshake with a fatal alert of TLS: its record's header, the level, the number.
    @Test(arguments: [
        (UInt8(40), AMQPError.Kind.tls), (48, .tls), (70, .tls), (116, .tls), (80, .connectionLost),
        (90, .connectionLost),
    ])
    func anAlertIsARefusalUnlessThePeerIsInTrouble(_ alert: UInt8, _ kind: AMQPError.Kind) {
        let peer = ScriptedPeer([.receive, .send([21, 3, 3, 0, 2, 2, alert]), .drain])
        var configuration = Self.configuration(peer.port)
        configuration.tls = AMQPTLSConfiguration()
        configuration.connectTimeout = .seconds(20)
        let error = Self.failure(configuration)
        #expect(error?.kind == kind)
        #expect(error?.text.contains("alert") == true)
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\u{1}\u{1}\u{0}\u{9}"])
    func aPeerOfAnotherProtocolIsNamed(_ greeting: String) {
        let peer = ScriptedPeer([.receive, .send(Array(greeting.utf8)), .drain])
        #expect(Self.failure(Self.configuration(peer.port))?.kind == .protocolViolation)
    }

    @Test func aMechanismThatIsNotOfferedIsAnAuthenticationError() {
        let peer = ScriptedPeer([.receive, .send(Self.start), .drain])
        var configuration = Self.configuration(peer.port)
        configuration.credentials = .external
        let error = Self.failure(configuration)
        #expect(error?.kind == .authentication)
        #expect(error?.text.contains("does not offer") == true)
    }

    @Test func aRefusedPortHasTheSystemsReason() {
        let port = ScriptedPeer.refusedPort()
        let error = Self.failure(Self.configuration(port))
        #expect(error?.kind == .connectFailed)
        #expect(error?.text == "127.0.0.1:\(port): Connection refused")
    }

    @Test(arguments: [("", 1), ("a\0b", 1), ("127.0.0.1", 0), ("127.0.0.1", 65536), ("name.invalid", 5672)])
    func badEndpointsAreNamed(_ host: String, _ port: Int) {
        var configuration = Self.configuration(1)
        configuration.endpoints = [AMQPEndpoint(host: host, port: port)]
        configuration.connectTimeout = .seconds(5)
        #expect(Self.failure(configuration)?.kind == .connectFailed)
    }

    @Test func noTimeMeansNoConnection() {
        let peer = ScriptedPeer(nil)
        var configuration = Self.configuration(peer.port)
        configuration.connectTimeout = .seconds(-1)
        #expect(Self.failure(configuration)?.kind == .connectFailed)
    }
}
