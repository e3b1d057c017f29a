import Foundation
import MimiMessagingRabbitMQ
import Testing

@testable import mimi

extension ToolTests {
    /// What is known only to whoever runs the tool stays with him.
    @Suite("Secrets of the tool", .timeLimit(.minutes(2)))
    struct SecretTests {
        private static let (user, password) = ("hidden-user", "hidden-password")

        /// The broker's URL with a user who does not get in.
        private static var refusedURL: String {
            get throws {
                var parts = try #require(URLComponents(string: TestBroker.url))
                (parts.user, parts.password) = (user, password)
                return try #require(parts.string)
            }
        }

        private func check(
            _ outcome: Tool.Outcome, _ status: mimi.ExitStatus, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(outcome.status == status.rawValue, "\(outcome.errors)", sourceLocation: sourceLocation)
            #expect(!(outcome.output + outcome.errors).contains("hidden"), sourceLocation: sourceLocation)
        }

        @Test(arguments: [
            ["command", "a/b"], ["query", "a/b"], ["event", "a#b"], ["listen", "a"], ["serve", "a", "--answer", "{}"],
            ["dead", "list", "a"], ["topology", "check", "-"], ["bench", "command"], ["top", "--once"],
        ])
        func aRefusedLoginIsToldWithoutItsUser(arguments: [String]) async throws {
            let tool = try Tool(url: Self.refusedURL)
            defer { tool.remove() }
            let input = #"{"adapter":"rabbitmq","options":{},"processors":[]}"#
            for form in [["--json"], ["--verbose"]] {
                check(try await tool.run(arguments + form, input: input), .access)
            }
        }

        @Test func theDoctorNamesNoUser() async throws {
            let tool = try Tool(url: Self.refusedURL)
            defer { tool.remove() }
            for form in [["--json"], ["--verbose"]] { check(try await tool.run(["doctor"] + form), .problems) }
        }

        @Test(arguments: [
            "amqp://hidden-user:hidden-password@host:port", "amqp://hidden-user:hidden password@host",
            "hidden-user:hidden-password@host", "http://hidden-user:hidden-password@host",
            "amqp://hidden-user:hidden-password@host/?hidden",
        ])
        func anURLThatCannotBeUsedIsNotRepeated(url: String) async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            check(try await tool.run("command", "a/b", environment: ["MQ_URL": url]), .configuration)
            check(try await tool.run("command", "a/b", "--url", url, "--json"), .configuration)
            check(try await tool.run("command", "a/b", "-o", "mq_url=\(url)"), .configuration)
            check(try await tool.run("context", "add", "a", "--url", url), .configuration)
            check(try await tool.run("context", "add", "a", "--url-from-stdin", "--json", input: url), .configuration)
        }

        /// As it happens to everybody once.
        @Test func anURLInTheWrongPlaceIsNotRepeated() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let url = "amqp://hidden-user:hidden-password@host"
            for form in [[], ["--json"]] {
                check(try await tool.run(["context", "add", "a", url] + form), .usage)
                check(try await tool.run(["context", "use", "a", url] + form), .usage)
                check(try await tool.run(["listen", "a", "--count", url] + form), .usage)
                check(try await tool.run(["command", "a/b", "-o", url] + form), .usage)
                check(try await tool.run(["command", url] + form), .data)
                check(try await tool.run(["command", "a/b", "@\(url)"] + form), .data)
                check(try await tool.run(["command", "a/b", "--context", url] + form), .configuration)
                check(try await tool.run(["command", "a/b", "--adapter", url] + form), .configuration)
            }
        }

        @Test func contextsAreListedWithoutSecrets() async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            let url = "amqps://hidden-user:hidden-password@host/v"
            let files = ["-o", "mq_tls_key_passphrase=hidden", "-o", "mq_tls_key_file=client.key"]
            let certificate = ["-o", "mq_tls_certificate_file=client.pem"]
            let management = ["--management", "http://hidden-user:hidden-password@host:15672"]
            check(
                try await tool.run(
                    ["context", "add", "a", "--url-from-stdin"] + files + certificate + management, input: url),
                .success)
            let login = ["-o", "mq_username=hidden-user", "-o", "mq_password=hidden-password"]
            check(try await tool.run(["context", "add", "b"] + login), .success)
            for form in [[], ["--json"]] {
                let list = try await tool.run(["context", "list"] + form)
                check(list, .success)
                #expect(list.output.contains("amqps://***@host/v") && list.lines.count >= 2)
            }
        }

        /// Whom the system trusts is trusted, and nobody else. OpenSSL takes the place of the system's file from a variable.
        @Test(.enabled(if: TestBroker.expectsTLS, "no broker with TLS was named"))
        func theSystemsAuthoritiesAreTrusted() async throws {
            let tool = try Tool(url: try TestBroker.requireTLS())
            defer { tool.remove() }
            let topic = TestBroker.uniqueName("mimi")
            let folder = try TestBroker.requireTLSFolder()
            let authority = folder + "/ca.pem"
            let trusted = try await tool.run("event", "\(topic)#a", environment: ["SSL_CERT_FILE": authority])
            #expect(trusted.status == 0, "\(trusted.errors)")
            for file in ["/nonexistent", folder + "/stranger-ca.pem"] {
                let refused = try await tool.run("event", "\(topic)#a", environment: ["SSL_CERT_FILE": file])
                #expect(refused.status == mimi.ExitStatus.connection.rawValue)
                #expect(refused.errors.contains("the certificate is not trusted"))
            }
            try await TestBroker.administer { try await $0.remove(topic: topic) }
        }

        #if os(Linux)
        /// Neither the tool nor what it starts shows the URL to those who list processes.
        @Test(arguments: [true, false])
        func processesShowNoURL(isFromContext: Bool) async throws {
            let tool = try Tool(url: isFromContext ? nil : TestBroker.url)
            defer { tool.remove() }
            if isFromContext {
                let added = try await tool.run(
                    "context", "add", "a", "--url-from-stdin", "--use", input: TestBroker.url)
                #expect(added.status == 0)
            }
            let queue = TestBroker.uniqueName("mimi")
            let program = try tool.file(
                "program.sh",
                #"""
                list() { tr '\0"' '  ' < /proc/$1/cmdline; }
                printf '{"program": "%s", "tool": "%s"}' "$(list $$)" "$(list $PPID)"
                """#)
            let server = try tool.start("serve", queue, "--", "sh", program)
            try await untilProcessed(queue)
            let answer = try await tool.run("query", "\(queue)/show", "--json")
            struct Lines: Decodable { let program, tool: String }
            let lines = try #require(try answer.json(Lines.self).first)
            #expect(lines.program.contains("sh \(program)"))
            #expect(lines.tool.contains("serve \(queue)"))
            let own = try String(contentsOfFile: "/proc/\(server.processIdentifier)/cmdline", encoding: .utf8)
            #expect(own.contains(queue))
            for line in [lines.program, lines.tool, own] {
                #expect(!line.contains("amqp:") && !line.contains("guest"))
            }
            server.signal(SIGTERM)
            #expect(await server.end() == 0)
            try await remove(queue)
        }
        #endif
    }
}
