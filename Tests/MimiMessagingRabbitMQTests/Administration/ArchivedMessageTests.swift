import Foundation
import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Messages in files")
struct ArchivedMessageTests {
    private func roundTrip(_ message: AMQPMessage) throws -> AMQPMessage {
        let data = try JSONEncoder().encode(ArchivedMessage(message))
        return try JSONDecoder().decode(ArchivedMessage.self, from: data).message()
    }

    @Test func everyKindOfHeaderComesBackAsItWas() throws {
        let headers: AMQPFieldTable = [
            "bool": true, "int8": .int8(-8), "uint8": .uint8(8), "int16": .int16(-16), "uint16": .uint16(16),
            "int32": .int32(-32), "uint32": .uint32(32), "int64": .int64(.min), "uint64": .uint64(.max),
            "float": .float(1.5), "double": .double(0.1), "decimal": .decimal(scale: 2, value: 314), "text": "tea ☕",
            "bytes": .bytes([0, 255]), "array": .array([1, "two", .table(["three": 3])]),
            "time": .timestamp(1_700_000_000),
            "table": .table(["inner": .table(["deep": .void])]), "nothing": .void,
        ]
        let message = AMQPMessage(
            properties: AMQPProperties(
                contentType: "application/json", contentEncoding: "identity", headers: headers, deliveryMode: 2,
                priority: 4, correlationID: "c", replyTo: "r", expiration: "1000", messageID: "m", timestamp: 7,
                type: "command", appID: "shop"),
            body: Array(#"{"id": 1}"#.utf8))
        #expect(try roundTrip(message) == message)
    }

    @Test func headersOfOneNameAreKeptInTheirOrder() throws {
        let headers = AMQPFieldTable([
            .init(name: "same", value: "first"), .init(name: "other", value: 2), .init(name: "same", value: "second"),
        ])
        let message = AMQPMessage(properties: AMQPProperties(headers: headers), body: [])
        #expect(try roundTrip(message) == message)
    }

    @Test func aBodyThatIsNoTextIsKept() throws {
        let message = AMQPMessage(body: [0xFF, 0xFE, 0])
        #expect(try roundTrip(message) == message)
    }

    @Test(arguments: [#"{"body_base64": "%%%"}"#, #"{"body": "a", "body_base64": "YQ=="}"#])
    func aFileThatContradictsItselfIsRefused(_ text: String) throws {
        let archived = try JSONDecoder().decode(ArchivedMessage.self, from: Data(text.utf8))
        #expect(throws: MessagingError.self) { try archived.message() }
    }

    @Test func aReplayIsAsItWasSentFirst() throws {
        let sent = AMQPMessage(
            properties: AMQPProperties(
                contentType: "application/json", headers: ["__method": "lock", "tenant": "x"], deliveryMode: 2,
                messageID: "m", timestamp: 7, type: "command"),
            body: [123, 125])
        let failure = FailureRecord(code: "boom", message: "no")
        let retried = MessageEncoder.retry(sent, attempt: 2, patience: nil, failure: failure)
        let dead = MessageEncoder.deadLetter(retried, queue: "orders", attempt: 3, failure: failure)
        var properties = dead.properties
        properties.headers?.append("x-delivery-count", 4)
        #expect(MessageEncoder.replay(AMQPMessage(properties: properties, body: dead.body)) == sent)
    }
}
