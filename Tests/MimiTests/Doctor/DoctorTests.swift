import Foundation
import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ
@testable import mimi

extension ToolTests {
    @Suite("What the doctor concludes")
    struct DoctorTests {
        private func queue(_ json: String) throws -> ManagementQueue {
            try JSONDecoder().decode(ManagementQueue.self, from: Data(json.utf8))
        }

        @Test func theWorstFindingDecidesHowItEnds() {
            let ok = Diagnosis("a", .ok, "")
            #expect(Diagnosis.status([]) == .success)
            #expect(Diagnosis.status([ok, Diagnosis("b", .unknown, "")]) == .success)
            #expect(Diagnosis.status([Diagnosis("b", .warning, ""), ok]) == .warnings)
            #expect(Diagnosis.status([Diagnosis("c", .problem, ""), Diagnosis("b", .warning, "")]) == .problems)
        }

        @Test func alarmsOfNodesAreProblems() throws {
            let nodes = try JSONDecoder().decode(
                [ManagementNode].self,
                from: Data(
                    #"""
                    [{"name": "rabbit@a", "running": true, "mem_alarm": true, "disk_free_alarm": false, "partitions": []},
                     {"name": "rabbit@b", "running": false},
                     {"name": "rabbit@c", "running": true, "disk_free_alarm": true, "partitions": ["rabbit@a"]}]
                    """#.utf8))
            let found = ManagementChecks.nodes(nodes)
            #expect(found.map(\.check) == ["node rabbit@a", "node rabbit@b", "node rabbit@c", "node rabbit@c"])
            #expect(found.allSatisfy { $0.level == .problem && $0.remedy != nil })
            #expect(ManagementChecks.nodes([]).map(\.level) == [.ok])
        }

        @Test func aClockThatIsWrongMisleads() {
            let now = Date(timeIntervalSince1970: 1_000_000)
            #expect(ManagementChecks.clock(now.addingTimeInterval(4), now: now).level == .ok)
            #expect(ManagementChecks.clock(now.addingTimeInterval(-60), now: now).text.contains("60 s behind"))
            #expect(ManagementChecks.clock(nil, now: now).level == .unknown)
            #expect(HTTPDate.parse("Mon, 12 Jan 1970 13:46:40 GMT") == now)
        }

        @Test func policiesThatMayLoseMessagesAreNamed() throws {
            let found = ManagementChecks.policy(
                try queue(
                    #"{"name": "orders", "policy": "short", "effective_policy_definition": {"message-ttl": 1, "ha-mode": "all"}}"#
                ))
            #expect(found?.level == .warning && found?.text.contains("'short' sets message-ttl") == true)
            #expect(ManagementChecks.policy(try queue(#"{"name": "q", "effective_policy_definition": []}"#)) == nil)
            #expect(
                ManagementChecks.policy(try queue(#"{"name": "q", "effective_policy_definition": {"ha-mode": "all"}}"#))
                    == nil)
        }

        @Test func quorumQueuesNeedADeliveryLimit() throws {
            #expect(ManagementChecks.deliveryLimit(try queue(#"{"name": "q", "type": "classic"}"#)) == nil)
            #expect(
                ManagementChecks.deliveryLimit(try queue(#"{"name": "q", "type": "quorum", "arguments": {}}"#))?.level
                    == .warning)
            #expect(
                ManagementChecks.deliveryLimit(
                    try queue(#"{"name": "q", "type": "quorum", "arguments": {"x-delivery-limit": 50}}"#))?
                    .text == "50")
        }

        @Test func aConsumerTimeoutOfTheQueueIsTold() throws {
            #expect(ManagementChecks.consumerTimeout(try queue(#"{"name": "q", "arguments": {}}"#)) == nil)
            let both = try queue(
                #"{"name": "q", "arguments": {"x-consumer-timeout": 90000}, "effective_policy_definition": {"consumer-timeout": 60000}}"#
            )
            #expect(ManagementChecks.consumerTimeout(both)?.text == "a handler may take 60.0 s")
        }

        @Test func slowAndSmallAreWarnings() {
            #expect(ConnectionChecks.roundTrip(.milliseconds(3)).level == .ok)
            #expect(ConnectionChecks.roundTrip(.milliseconds(300)).level == .warning)
            #expect(ConnectionChecks.frameSize(131_072).level == .ok)
            #expect(ConnectionChecks.frameSize(4096).level == .warning)
        }

        @Test func whatDidNotWorkIsNotCalledRefused() {
            let refused = PermissionTrial(write: .init(text: "403 ACCESS_REFUSED", isRefusal: true))
            let late = PermissionTrial(write: .init(text: "no confirm", isRefusal: false))
            func found(_ trial: PermissionTrial, _ blocked: String? = nil) -> [String] {
                ConnectionChecks.permissions(trial, blocked: blocked, virtualHost: "/").map {
                    "\($0.check) \($0.level): \($0.text)"
                }
            }
            #expect(
                found(refused) == [
                    "permissions problem: write is refused: 403 ACCESS_REFUSED", "alarms ok: the broker takes messages",
                ])
            #expect(found(late) == ["permissions unknown: write was tried, but did not work: no confirm"])
            #expect(
                found(late, "low on memory") == [
                    "permissions ok: configure, write and read",
                    "alarms problem: the broker takes no messages: low on memory",
                ])
        }

        @Test func aQueueThatNobodyProcessesIsAProblem() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let name = TestBroker.uniqueName("doctor")
            let none = try await tool.run("doctor", name, "--json")
            #expect(none.status == ExitStatus.problems.rawValue && none.output.contains(#""there is none""#))
            let bus = try TestBroker.bus()
            try await bus.requests(name) {
                $0.command("x") { _, _ in throw ProcessingError(code: "boom", message: "") }
            }
            try await bus.start()
            let well = try await tool.run("doctor", name)
            // How fast a broker answers depends on what else the machine does.
            let findings = well.lines.filter {
                !$0.contains("round trip: ") && ($0.hasPrefix("warning") || $0.hasPrefix("problem"))
            }
            #expect(findings.isEmpty, "\(well.errors)")
            #expect(
                well.output.contains("permissions: configure, write and read")
                    && well.output.contains("queue \(name): 0 waiting"))
            try await bus.command(RequestTarget("\(name)/x"))
            try await untilDead(name, 1)
            #expect(try await tool.run("doctor", name).status == ExitStatus.warnings.rawValue)
            try await TestBroker.administer { administration in
                try await administration.onChannel { try await $0.deleteExchange("\(name).dead") }
            }
            let cut = try await tool.run("doctor", name)
            #expect(cut.status == ExitStatus.problems.rawValue && cut.output.contains("the exchange that leads there"))
            await bus.stop()
            try await remove(name)
        }

        @Test func noConnectionIsAFindingToo() async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            let place = try #require(URLComponents(string: TestBroker.url))
            let address = "\(place.host ?? "localhost"):\(place.port ?? 5672)"
            let cases = [
                ("amqp://guest:hidden@127.0.0.1:1", "broker"), ("amqp://guest:hidden@\(address)", "login"),
                (TestBroker.url + "/no-such-host", "virtual host"),
            ]
            struct Finding: Decodable, Equatable {
                let check: String
                let level: String
            }
            for (url, check) in cases {
                let outcome = try await tool.run("doctor", "--json", "--url", url)
                #expect(outcome.status == ExitStatus.problems.rawValue, "\(outcome.errors)")
                #expect(try outcome.json() == [Finding(check: check, level: "problem")])
                #expect(outcome.output.contains("remedy") && !outcome.output.contains("hidden"))
            }
            #expect(ConnectionChecks.failure(MessagingError(.configuration, "")) == nil)
        }

        /// The password goes there, so that it is no plain text where AMQP is none.
        @Test(arguments: [
            ("broker", false, "http://broker:15672"), ("broker", true, "https://broker:15671"),
            ("::1", false, "http://[::1]:15672"), ("::1", true, "https://[::1]:15671"),
        ])
        func theManagementAPIIsLookedForOverTLSWhereAMQPUsesIt(host: String, usesTLS: Bool, url: String) {
            let identity = BrokerIdentity(
                product: "RabbitMQ", version: "4.1.0", cluster: nil, endpoint: host, host: host, virtualHost: "/",
                frameSize: 131_072, usesTLS: usesTLS, certificateEnd: nil)
            #expect(ManagementAPI.usualURL(of: identity) == url)
        }

        @Test(.enabled(if: TestBroker.expectsTLS, "no broker with TLS was named"))
        func theEndOfTheCertificateIsKnownAndNothingIsAskedInPlainText() async throws {
            let tool = try Tool(url: try TestBroker.requireTLS())
            defer { tool.remove() }
            let authority = try TestBroker.requireTLSFolder() + "/ca.pem"
            let outcome = try await tool.run("doctor", "-o", "mq_tls_ca_file=\(authority)")
            #expect(outcome.output.contains("the broker's certificate ends "), "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains(" at https://") && !outcome.output.contains("http://"))
        }

        @Test(.enabled(if: TestBroker.expectsManagement, "no broker with a management API was named"))
        func theManagementAPITellsTheRest() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let outcome = try await tool.run("doctor", "--management", TestBroker.requireManagement())
            #expect(
                outcome.output.contains("nodes: 1, without alarms")
                    && outcome.output.contains("that of the broker agrees"))
            let none = try await tool.run("doctor", "--management", "http://127.0.0.1:1")
            #expect(none.output.contains("no management API at http://127.0.0.1:1"))
        }

        @Test(
            .enabled(if: TestBroker.expectsManagement, "no broker with a management API was named"),
            .timeLimit(.minutes(1)))
        func aManagementAPIThatRefusesTheUserIsNoReasonToWait() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            var place = try #require(URLComponents(string: TestBroker.requireManagement()))
            (place.user, place.password) = ("guest", "hidden")
            let outcome = try await tool.run("doctor", "--management", place.string ?? "")
            #expect(outcome.output.contains("it refuses the user (401)") && !outcome.output.contains("hidden"))
        }
    }
}
