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

    @Test(arguments: [
        ("access to vhost 'v' refused for user 'hidden'", "access to vhost 'v' refused for user '***'"),
        ("refused for user 'hid'den'", "refused for user '***'"), ("user ''", "user '***'"), ("user 'cut", "user 'cut"),
        (
            "connection refused for user 'hidden': user limit (1) is reached",
            "connection refused for user '***': user limit (1) is reached"
        ),
    ])
    func theUserIsNotNamed(text: String, shown: String) {
        let error = AMQPError(.channelClosed, replyCode: 403, replyText: text)
        #expect(error.replyText == shown)
        #expect(error.text == "403 " + shown)
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
