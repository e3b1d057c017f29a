import Testing

@testable import RabbitMQClient

@Suite struct WirePropertiesTests {
    static let full = AMQPProperties(
        contentType: "application/json", contentEncoding: "gzip", headers: ["a": 1], deliveryMode: 2, priority: 9,
        correlationID: "c", replyTo: "r", expiration: "60000", messageID: "m", timestamp: 1_700_000_000, type: "t",
        userID: "guest", appID: "app")

    @Test func everyPropertySurvives() throws {
        #expect(try roundTrip(Self.full) == .accepted(Self.full))
    }

    @Test(arguments: [
        AMQPProperties(), AMQPProperties(contentType: ""), AMQPProperties(contentEncoding: "x"),
        AMQPProperties(headers: [:]), AMQPProperties(deliveryMode: 1), AMQPProperties(priority: 0),
        AMQPProperties(correlationID: "é"), AMQPProperties(replyTo: "r"), AMQPProperties(expiration: "0"),
        AMQPProperties(messageID: String(repeating: "m", count: 255)), AMQPProperties(timestamp: .max),
        AMQPProperties(type: "t"), AMQPProperties(userID: "u"), AMQPProperties(appID: "a"),
    ])
    func eachPropertyAloneSurvives(_ properties: AMQPProperties) throws {
        #expect(try roundTrip(properties) == .accepted(properties))
    }

    @Test func octetsAreThoseOfTheSpecification() throws {
        var writer = FrameWriter(frameMax: 4096)
        let message = AMQPMessage(properties: AMQPProperties(contentType: "a/b", deliveryMode: 2), body: [7, 8])
        let rest = try writer.append(publish: message, exchange: "e", routingKey: "rk", mandatory: true, channel: 3)
        #expect(rest == nil)
        let publish = WireBytes().int(UInt16(0)).short("e").short("rk").int(UInt8(1)).bytes
        let header = WireBytes().int(UInt16(60)).int(UInt16(0)).int(UInt64(2)).int(UInt16(0x9000)).short("a/b")
            .int(UInt8(2)).bytes
        #expect(
            writer.pendingBytes == WireBytes.method(60, 40, channel: 3, publish)
                + WireBytes.frame(2, channel: 3, header) + WireBytes.frame(3, channel: 3, [7, 8]))
    }

    @Test(arguments: [
        (AMQPProperties(contentType: tooLong), "content type"), (AMQPProperties(contentEncoding: tooLong), "encoding"),
        (AMQPProperties(correlationID: tooLong), "correlation id"), (AMQPProperties(replyTo: tooLong), "reply-to"),
        (AMQPProperties(expiration: tooLong), "expiration"), (AMQPProperties(messageID: tooLong), "message id"),
        (AMQPProperties(type: tooLong), "message type"), (AMQPProperties(userID: tooLong), "user id"),
        (AMQPProperties(appID: tooLong), "application id"),
    ])
    func stringsOver255BytesAreNamedAndLeaveNoTrace(_ properties: AMQPProperties, _ name: String) throws {
        var writer = FrameWriter(frameMax: 4096)
        writer.appendHeartbeat()
        let before = writer.pendingBytes
        let message = AMQPMessage(properties: properties, body: [1])
        let error = #expect(throws: AMQPError.self) {
            _ = try writer.append(publish: message, exchange: "", routingKey: "", mandatory: false, channel: 1)
        }
        #expect(error?.kind == .invalidMessage)
        #expect(error?.text.contains(name) == true)
        #expect(writer.pendingBytes == before)
    }

    @Test func headersThatDoNotFitOneFrameLeaveNoTrace() {
        var writer = FrameWriter(frameMax: 4096)
        writer.appendHeartbeat()
        let before = writer.pendingBytes
        let properties = AMQPProperties(headers: ["h": .bytes([UInt8](repeating: 1, count: 5000))])
        let error = #expect(throws: AMQPError.self) {
            _ = try writer.append(
                publish: AMQPMessage(properties: properties, body: []), exchange: "", routingKey: "", mandatory: false,
                channel: 1)
        }
        #expect(error?.kind == .invalidMessage)
        #expect(writer.pendingBytes == before)
    }

    @Test func textThatIsNotUTF8IsRefused() throws {
        let frame = WireBytes.header(properties: [0x80, 0x00, 2, 0xC3, 0x28])
        #expect(try refusal(of: frame) == "a property that is not valid UTF-8")
    }

    @Test(arguments: [[0x80, 0x00], [0x80, 0x00, 5, 97], [0x10, 0x00], [0x00, 0x40, 1, 2, 3]] as [[UInt8]])
    func truncatedPropertiesAreRefused(_ properties: [UInt8]) throws {
        #expect(try refusal(of: WireBytes.header(properties: properties)) == "undecodable properties")
    }

    @Test func furtherFlagWordsAreRefused() throws {
        let flags = [UInt8](repeating: 0xFF, count: 400)
        #expect(try refusal(of: WireBytes.header(properties: flags)) == "property flags that AMQP 0-9-1 does not have")
    }

    @Test func aBodyOverTheLimitIsRefusedAndItsSizeIsKept() throws {
        var reader = makeReader(limits: AMQPLimits(maximumBodySize: 10))
        reader.feed(WireBytes.header(bodySize: 10) + WireBytes.header(bodySize: .max))
        guard case .header(1, let fits) = try reader.next(), case .header(1, let huge) = try reader.next() else {
            Issue.record("not two headers")
            return
        }
        #expect(fits.properties == .accepted(AMQPProperties()))
        #expect(huge.bodySize == .max)
        #expect(huge.properties == .refused("the body is 18446744073709551615 bytes long, at most 10 are taken"))
    }
}

private let tooLong = String(repeating: "é", count: 128)
