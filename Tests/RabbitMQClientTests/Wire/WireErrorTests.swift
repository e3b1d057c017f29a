import Testing

@testable import RabbitMQClient

@Suite struct WireErrorTests {
    @Test func aReplyNamesItsMethod() {
        let error = AMQPError(
            .channelClosed, replyCode: 404, replyText: "NOT_FOUND - no queue 'q'", classID: 50, methodID: 10)
        #expect(error.description == "channelClosed: 404 NOT_FOUND - no queue 'q' (queue.declare)")
        #expect(error.replyCode == 404)
        #expect(error.method == "queue.declare")
        #expect(!error.mayHaveReachedBroker)
    }

    @Test func aPeerCannotForgeLogLines() {
        let error = AMQPError(.closedByBroker, replyCode: 320, replyText: "a\r\nERROR \u{1B}[31m\u{202E}\u{2028}b")
        #expect(error.text == "320 a\\r\\nERROR \\u{1B}[31m\\u{202E}\\u{2028}b")
        #expect(error.method == nil)
    }

    @Test func aPeerCannotFloodTheLog() {
        let text = AMQPError.printable(String(repeating: "x", count: 100_000), limit: 10)
        #expect(text == "xxxxxxxxxx…")
    }
}
