import Testing

@testable import mimi

@Suite("Choosing dead letters")
struct DeadLetterFilterTests {
    @Test(arguments: [("90", 90), ("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800)])
    func timesHaveUnits(text: String, seconds: Int) throws {
        #expect(try DeadLetterFilter.seconds(text) == seconds)
    }

    @Test(arguments: ["", "h", "-1h", "1w", "1.5h", "99999999999999999999d"])
    func whatIsNoTimeIsRefused(_ text: String) {
        #expect(throws: (any Error).self) { try DeadLetterFilter.seconds(text) }
    }
}
