import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Messages on the wire")
struct MessageCodingTests {
    private let decoder = MessageDecoder(clock: .continuous, replyQueuePrefix: "mimi.reply.")

    private func outgoing(_ kind: MessageKind, failure: FailureRecord? = nil) -> OutgoingMessage {
        OutgoingMessage(
            kind: kind, id: "id-1", method: "show", target: "orders/show", headers: ["tenant": "blue"],
            body: Array("{}".utf8), contentType: "application/json", appID: "shop", failure: failure)
    }

    private func delivery(_ message: AMQPMessage) -> AMQPDelivery {
        AMQPDelivery(
            consumerTag: "c", tag: AMQPDeliveryTag(number: 1, generation: 1), redelivered: false, exchange: "",
            routingKey: "orders", content: .message(message))
    }

    private func received(_ properties: AMQPProperties, isTopic: Bool = false) -> IncomingMessage {
        decoder.request(
            delivery(AMQPMessage(properties: properties, body: [])), isTopic: isTopic, arrival: decoder.clock.now)
    }

    @Test func aCommandSaysWhatTheWireProtocolSays() {
        let properties = MessageEncoder.message(outgoing(.command)).properties
        #expect(properties.contentType == "application/json")
        #expect(properties.deliveryMode == 2)
        #expect(properties.messageID == "id-1")
        #expect(properties.type == "command")
        #expect(properties.appID == "shop")
        #expect(properties.timestamp != nil)
        #expect(properties.headers?["__method"] == "show")
        #expect(properties.headers?["tenant"] == "blue")
        #expect(properties.replyTo == nil && properties.expiration == nil)
    }

    @Test func aCommandComesBackAsItWas() {
        let message = decoder.request(
            delivery(MessageEncoder.message(outgoing(.command))), isTopic: false, arrival: decoder.clock.now)
        #expect(message.kind == .command)
        #expect(message.id == "id-1")
        #expect(message.method == "show")
        #expect(message.headers == ["tenant": "blue"])
        #expect(message.attempt == 1)
        #expect(message.appID == "shop")
        #expect(message.defect == nil)
    }

    @Test func anEventHasAType() {
        let encoded = MessageEncoder.message(outgoing(.event))
        #expect(encoded.properties.headers?["__event_type"] == "show")
        #expect(decoder.request(delivery(encoded), isTopic: true, arrival: decoder.clock.now).method == "show")
    }

    @Test func aQueryCarriesItsPatience() throws {
        let encoded = MessageEncoder.query(
            outgoing(.query), .init(address: "mimi.reply.1", correlationID: "c-1", milliseconds: 1500))
        #expect(encoded.properties.expiration == "1500")
        #expect(encoded.properties.replyTo == "mimi.reply.1")
        #expect(encoded.properties.correlationID == "c-1")
        #expect(encoded.properties.headers?["__timeout"] == 1500)
        #expect(encoded.properties.headers?["__request_id"] == "c-1")
        let message = decoder.request(delivery(encoded), isTopic: false, arrival: decoder.clock.now)
        #expect(message.kind == .query)
        let left = decoder.clock.now.duration(to: try #require(message.deadline))
        #expect(left > .milliseconds(500) && left <= .milliseconds(1500))
    }

    @Test func aReplyIsMatchedAndTellsFailures() throws {
        let failure = FailureRecord(code: "sold_out", message: "no tea")
        let encoded = MessageEncoder.reply(outgoing(.reply, failure: failure), correlationID: "c-1")
        let reply = try #require(decoder.reply(delivery(encoded)))
        #expect(reply.correlationID == "c-1")
        #expect(reply.message.failure == failure)
    }

    @Test func aReplyIsNoRequest() {
        #expect(received(AMQPProperties(type: "reply")).kind == .reply)
        #expect(received(AMQPProperties(type: "reply"), isTopic: true).kind == .reply)
    }

    @Test(arguments: ["victim", "", "amq.rabbitmq.reply-to.AAAA.BBBB", String(repeating: "r", count: 255)])
    func aQueryWithAnUnsafeReplyAddressIsDefective(address: String) {
        let message = received(AMQPProperties(headers: ["__method": "show"], replyTo: address))
        #expect(message.kind == .query)
        #expect(message.defect != nil)
    }

    @Test func aForeignMessageIsReadAsFarAsItGoes() {
        let headers: AMQPFieldTable = [
            "count": .int32(3), "flag": .bool(true), "table": .table([:]), "__secret": "x",
            "__attempt": .string("nonsense"),
        ]
        let message = received(AMQPProperties(headers: headers))
        #expect(message.method == nil)
        #expect(message.id == nil)
        #expect(message.attempt == 1)
        #expect(message.headers == ["count": "3", "flag": "true"])
    }

    @Test func namesThatAreTooLongAreNone() throws {
        let (longest, tooLong) = (String(repeating: "n", count: 255), String(repeating: "n", count: 256))
        for isTopic in [true, false] {
            func method(_ name: String) -> String? {
                received(
                    AMQPProperties(headers: ["__method": .string(name), "__event_type": .string(name)]),
                    isTopic: isTopic
                )
                .method
            }
            #expect(method(longest) == longest)
            #expect(method(tooLong) == nil)
        }
        func reply(_ id: String) -> String? {
            let properties = AMQPProperties(headers: ["__request_id": .string(id)], type: "reply")
            return decoder.reply(delivery(AMQPMessage(properties: properties, body: [])))?.correlationID
        }
        #expect(reply(longest) == longest)
        #expect(reply(tooLong) == nil)
    }

    @Test(arguments: [Int64.min, -1, 0, Int64.max])
    func absurdNumbersFromOutsideAreBounded(number: Int64) {
        let message = received(
            AMQPProperties(
                headers: ["__method": "m", "__attempt": .int64(number), "__timeout": .int64(number)],
                replyTo: "mimi.reply.1"))
        #expect(message.attempt >= 1 && message.attempt < .max)
        #expect(message.deadline != nil)
    }

    @Test func aRetryKeepsTheMessageAndCounts() {
        let original = AMQPMessage(
            properties: AMQPProperties(
                contentType: "text/x",
                headers: ["__method": "m", "x-death": .array([]), "x-delivery-count": 4, "a": "b"],
                correlationID: "c", replyTo: "mimi.reply.1", expiration: "10", messageID: "id", userID: "u"),
            body: [1, 2])
        let copy = MessageEncoder.retry(
            original, attempt: 3, patience: .milliseconds(1500), failure: FailureRecord(code: "c", message: "m"))
        #expect(copy.body == [1, 2])
        #expect(copy.properties.headers?["__timeout"] == 1500)
        #expect(copy.properties.messageID == "id")
        #expect(copy.properties.contentType == "text/x")
        #expect(copy.properties.replyTo == "mimi.reply.1")
        #expect(copy.properties.headers?["__attempt"] == 3)
        #expect(copy.properties.headers?["__first_failed_at"] != nil)
        #expect(copy.properties.headers?["a"] == "b")
        #expect(copy.properties.headers?["x-death"] == nil && copy.properties.headers?["x-delivery-count"] == nil)
        #expect(copy.properties.expiration == nil && copy.properties.userID == nil)
    }

    @Test(arguments: [(Int64.max, 4_294_967_295), (7000, 7000)] as [(Int64, Int64)])
    func aQueryExpiresAsLateAsTheBrokerAllows(milliseconds: Int64, expiration: Int64) {
        let message = OutgoingMessage(kind: .query, id: "id", method: "m", target: "q/m", body: [], contentType: "a/b")
        let query = MessageEncoder.query(
            message, MessageEncoder.ReplyExpectation(address: "a", correlationID: "c", milliseconds: milliseconds))
        #expect(query.properties.expiration == String(expiration))
        #expect(query.properties.headers?["__timeout"] == .int64(milliseconds))
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(Int64.min), .milliseconds(1500), .microseconds(-1500)])
    func anyTimeHasMilliseconds(time: Duration) {
        let known = Int64(exactly: (time / .milliseconds(1)).rounded(.towardZero))
        #expect(time.wholeMilliseconds == known ?? (time < .zero ? .min : .max))
    }

    @Test func aDeadLetterSaysWhy() {
        let original = AMQPMessage(
            properties: AMQPProperties(headers: ["__method": "m", "__first_failed_at": 17]), body: [9])
        let failure = FailureRecord(code: "serialization", message: "no JSON")
        let copy = MessageEncoder.deadLetter(original, queue: "orders", attempt: 2, failure: failure)
        #expect(copy.body == [9])
        let headers = copy.properties.headers
        #expect(headers?["__error_code"] == "serialization")
        #expect(headers?["__error_message"] == "no JSON")
        #expect(headers?["__attempt"] == 2)
        #expect(headers?["__first_failed_at"] == 17)
        #expect(headers?["__last_failed_at"] != nil)
        #expect(headers?["__origin"] == "orders")
    }
}
