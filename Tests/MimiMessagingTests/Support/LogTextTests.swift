import Testing

@testable import MimiMessaging

@Suite struct LogTextTests {
    @Test(arguments: [
        ("orders/take", "orders/take"), ("größe 🔑", "größe 🔑"), ("a\r\nERROR b", "a\\r\\nERROR b"),
        ("\u{1B}[31m", "\\u{1B}[31m"), ("\u{9B}31m", "\\u{009B}31m"), ("a\u{85}b", "a\\u{0085}b"),
        ("a\u{2028}b\u{2029}c", "a\\u{2028}b\\u{2029}c"), ("\u{202E}drow", "\\u{202E}drow"), ("\0\u{7F}", "\\0\\u{7F}"),
    ])
    func whatForgesALogIsEscaped(text: String, shown: String) {
        #expect(text.escapedForLog == shown)
    }

    @Test(arguments: ["x", "é", "\n"]) func longTextIsCut(character: String) {
        let text = String(repeating: character, count: 64)
        #expect(!text.escapedForLog.hasSuffix("…"))
        #expect((text + "y").escapedForLog == text.escapedForLog + "…")
    }
}
