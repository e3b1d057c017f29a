import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Credentials")
struct CredentialSourceTests {
    private struct Vault: Error {
        let token = "hidden-token"
    }

    private func provided(_ provider: @escaping CredentialProvider) -> CredentialSource { .provided(provider) }

    @Test func aProviderIsAskedEachTime() async throws {
        let asked = Lock(0)
        let source = provided {
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            return Credentials(username: "u", password: "p\(count)")
        }
        for count in 1...3 {
            let credentials = try await source.current(within: .seconds(5), clock: .continuous)
            guard case .plain("u", let password) = credentials else {
                Issue.record("other credentials")
                return
            }
            #expect(password == "p\(count)")
        }
    }

    @Test func whatAProviderThrowsStaysInside() async throws {
        let source = provided { throw Vault() }
        let error = await #expect(throws: MessagingError.self) {
            try await source.current(within: .seconds(5), clock: .continuous)
        }
        #expect(error?.code == .authentication)
        #expect(error?.isRetryable == true)
        #expect(error?.message == "the credential provider failed with Vault")
    }

    @Test(.timeLimit(.minutes(1))) func aProviderThatHangsIsLeftToItself() async throws {
        let time = TestClock()
        let gate = AsyncStream.makeStream(of: Void.self)
        let source = provided {
            for await _ in gate.stream {}
            return Credentials(username: "u", password: "p")
        }
        async let outcome = Result { try await source.current(within: .seconds(5), clock: MessagingClock(time)) }
        await time.waitForSleepers(1)
        time.advance(by: .seconds(5))
        guard case .failure(let error as MessagingError) = await outcome else {
            Issue.record("there was no error")
            return
        }
        #expect(error.message == "the credential provider did not answer within 5.0 seconds")
        gate.continuation.finish()
    }

    @Test func noFormOfThemShowsThem() {
        let credentials = Credentials(username: "hidden-user", password: "hidden-password")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in [
            dumped, "\(credentials)", String(reflecting: credentials), "\(Mirror(reflecting: credentials).children)",
        ] {
            #expect(!text.contains("hidden"))
        }
    }

    @Test func optionsShowTheirKeysOnly() {
        let options: MessagingOptions = ["mq_password": "hidden", "mq_url": "amqp://hidden@h"]
        var dumped = ""
        dump(AdapterContext(options: options), to: &dumped)
        #expect(options.description == "MessagingOptions(mq_password, mq_url)")
        for text in [dumped, String(reflecting: options)] { #expect(!text.contains("hidden")) }
    }

    @Test(
        arguments: [
            ["mq_username": "u"], ["mq_password": "p"], ["mq_auth_mechanism": "plain"], ["mq_url": "amqp://u@h"],
        ] as [[String: OptionValue]])
    func aProviderContradictsOptions(_ options: [String: OptionValue]) {
        let error = #expect(throws: MessagingError.self) {
            try RabbitMQConfiguration(options: MessagingOptions(options), maximumBodySize: 1) {
                Credentials(username: "", password: "")
            }
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("contradicts the credential provider") == true)
    }

    @Test(
        arguments: [
            (["mq_host": "broker.example"], "unencrypted"), (["mq_host": "localhost,10.0.0.1"], "10.0.0.1:5672"),
            (["mq_host": "127.0.0.1.evil.example"], "unencrypted"), (["mq_host": "127.0.0.1,::1,localhost"], nil),
            (["mq_host": "broker.example", "mq_tls": true], nil),
            (["mq_host": "localhost", "mq_tls": true, "mq_tls_verify": false], "not verified"),
        ] as [([String: OptionValue], String?)])
    func whatNobodyShouldWantIsNamed(_ options: [String: OptionValue], _ text: String?) throws {
        let risks = try RabbitMQConfiguration(options: MessagingOptions(options), maximumBodySize: 1).risks
        #expect(risks.count == (text == nil ? 0 : 1))
        #expect(text.map { risks.first?.contains($0) == true } ?? true)
    }
}
