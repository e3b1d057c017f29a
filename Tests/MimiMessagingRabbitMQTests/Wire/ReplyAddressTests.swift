import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Reply addresses that may be answered to")
struct ReplyAddressTests {
    private let prefix = "mimi.reply."

    @Test func queuesOfTheFamily() {
        #expect(ReplyAddress.isSafe("mimi.reply.1", prefix: prefix))
        #expect(!ReplyAddress.isSafe("mimi.reply.", prefix: prefix))
        #expect(!ReplyAddress.isSafe("orders", prefix: prefix))
        #expect(!ReplyAddress.isSafe("", prefix: prefix))
        #expect(!ReplyAddress.isSafe("mimi.reply." + String(repeating: "x", count: 300), prefix: prefix))
    }

    @Test func directReplyTo() {
        #expect(
            ReplyAddress.isSafe(
                "amq.rabbitmq.reply-to.g1h3C3JhYmJpdEBob3N0AAACvgAAAABfXl1c.YWJjZGVmZ2g=", prefix: prefix))
    }

    @Test(arguments: [
        "amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.", "amq.rabbitmq.reply-to.AAAA.BBBB",
        "amq.rabbitmq.reply-to.AAAA",
        "amq.rabbitmq.reply-to.g1h3C3JhYmJpdEBob3N0AAACvgAAAABfXl1c", "amq.rabbitmq.reply-to..",
        // a pid with a byte too many, and one too few
        "amq.rabbitmq.reply-to.g1h3C3JhYmJpdEBob3N0AAACvgAAAABfXl1cAA==.YWJj",
        "amq.rabbitmq.reply-to.g1h3C3JhYmJpdEBob3N0AAACvgAAAABfXl0=.YWJj",
        "amq.rabbitmq.reply-to.g1h3C3JhYmJpdEBob3N0AAACvgAAAABfXl1c.YWJj.YWJj",
    ])
    func malformedDirectReplyToIsRefused(address: String) {
        #expect(!ReplyAddress.isSafe(address, prefix: prefix))
    }
}
