import Testing

@testable import MimiMessaging

@Suite struct MessageHeadersTests {
    @Test(arguments: ["a", "traceparent", "Ünïcode", "_one", "a__b", String(repeating: "a", count: 128)])
    func names(name: String) throws { try MessageHeaders([name: "x"]).validate() }

    @Test(arguments: [
        "", "__attempt", "__", "a\u{0}b", String(repeating: "a", count: 129), String(repeating: "a", count: 257),
        String(repeating: "é", count: 65),
    ])
    func wrongNames(name: String) async throws {
        let error = try await expectError(.invalidMessage) { try MessageHeaders(["fine": "x", name: "x"]).validate() }
        #expect(error.description.utf8.count < 300)
    }

    @Test func merging() {
        let headers: MessageHeaders = ["a": "1", "b": "1"]
        let merged = headers.merging(["b": "2", "c": "2"])
        #expect(merged == ["a": "1", "b": "2", "c": "2"])
        #expect(headers.merging([:]) == headers)
        #expect(merged.count == 3)
        #expect(!merged.isEmpty)
        #expect(Dictionary(uniqueKeysWithValues: merged.map { ($0.key, $0.value) }) == ["a": "1", "b": "2", "c": "2"])
        var changed = headers
        changed["a"] = nil
        #expect(changed["a"] == nil)
        #expect(headers["a"] == "1")
    }

    /// What the receiver takes is a little more, since attempts, errors and the broker add some on the way.
    @Test func thereAreNotTooManyOfThem() async throws {
        func headers(_ count: Int, of size: Int) -> MessageHeaders {
            MessageHeaders(
                Dictionary(
                    uniqueKeysWithValues: (0..<count).map {
                        ("h\($0)", String(repeating: "x", count: size - "h\($0)".count))
                    }))
        }
        try headers(48, of: 256).validate()
        try headers(1, of: 12 << 10).validate()
        try await expectError(.invalidMessage) { try headers(49, of: 10).validate() }
        try await expectError(.invalidMessage) { try headers(1, of: (12 << 10) + 1).validate() }
        try await expectError(.invalidMessage) { try headers(48, of: 260).validate() }
    }
}
