import Testing

@testable import MimiMessaging

@Suite struct TargetGrammarTests {
    @Test(arguments: [
        ("users/lock", "users", "lock"), ("a/b", "a", "b"), ("my.users-2_x/LOCK_9", "my.users-2_x", "LOCK_9"),
        ("-/_", "-", "_"), ("0/0", "0", "0"),
    ])
    func requestTargets(text: String, queue: String, method: String) throws {
        let target = try RequestTarget(text)
        #expect(target.queue == queue)
        #expect(target.method == method)
        #expect(target.description == text)
        let valid = try target.validated()
        #expect(valid == target)
    }

    @Test func eventTargets() throws {
        // A literal here would be taken for a literal of a target, which does not throw.
        let text = "my.users#locked"
        let target = try EventTarget(text)
        #expect(target.topic == "my.users")
        #expect(target.type == "locked")
        #expect(target.description == "my.users#locked")
    }

    @Test(arguments: [
        "", "/", "users", "users/", "/lock", "users/lock\n", "\nusers/lock", "users\n/lock", "users/lock ",
        " users/lock",
        "users//lock", "users/a/b", "users#lock", ".users/lock", "users./lock", "a..b/lock", "users/a-b", "users/a.b",
        "üsers/lock", "users/löck", "users/lo\u{301}ck", "users/\u{0}", "users\u{0}/lock", "users/lock\r\n",
        "ｕsers/lock",
        "users/𝟏", "users/lock\u{2028}", "u*rs/lock", "users/#",
    ])
    func wrongRequestTargets(text: String) async throws {
        let error = try await expectError(.invalidTarget) { try RequestTarget(text) }
        #expect(error.target == text.escapedForLog)
        #expect(!error.isRetryable)
    }

    @Test(arguments: [
        "", "#", "users", "users#", "#locked", "users/locked", "users#locked\n", "users#a#b", "üsers#locked",
    ])
    func wrongEventTargets(text: String) async throws {
        try await expectError(.invalidTarget) { try EventTarget(text) }
    }

    @Test func aWrongLiteralThrowsWhenItIsUsed() async throws {
        let target: RequestTarget = "no target"
        #expect(target.queue.isEmpty)
        #expect(target.method.isEmpty)
        try await expectError(.invalidTarget) { try target.validated() }
        let event: EventTarget = "users/locked"
        #expect(event.topic.isEmpty)
        try await expectError(.invalidTarget) { try event.validated() }
    }

    @Test func namesHaveAtMost255Bytes() async throws {
        let longest = String(repeating: "a", count: 255)
        let target = try RequestTarget("\(longest)/\(longest)")
        #expect(target.queue == longest)
        #expect(target.method == longest)
        try await expectError(.invalidTarget) { try RequestTarget("\(longest)a/lock") }
        try await expectError(.invalidTarget) { try RequestTarget("users/\(longest)a") }
        try await expectError(.invalidTarget) { try EventTarget("\(longest)a#locked") }
        try TargetGrammar.checkName(longest)
        try await expectError(.invalidTarget) { try TargetGrammar.checkName(longest + "a") }
    }

    @Test func theNamespaceCounts() async throws {
        let name = String(repeating: "a", count: 250)
        #expect(try TargetGrammar.qualify(name, namespace: "test.") == "test." + name)
        #expect(try TargetGrammar.qualify(name, namespace: "") == name)
        let error = try await expectError(.invalidTarget) { try TargetGrammar.qualify(name, namespace: "tests.") }
        #expect(error.message.contains("namespace"))
    }

    @Test(arguments: ["", "test", "test.", "a.b-c_d.", "a.b"])
    func namespaces(text: String) { #expect(TargetGrammar.isNamespace(text)) }

    @Test(arguments: [".", "..", "a..", ".a", "a b", "a\n", "ä.", "a/", "a#"])
    func wrongNamespaces(text: String) { #expect(!TargetGrammar.isNamespace(text)) }

    @Test func aLongWrongTargetIsCutInTheError() async throws {
        let error = try await expectError(.invalidTarget) {
            try RequestTarget(String(repeating: "\u{1B}", count: 100_000))
        }
        #expect(error.description.utf8.count < 1_000)
        #expect(!error.description.unicodeScalars.contains("\u{1B}"))
    }
}
