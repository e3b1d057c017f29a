import Testing

@testable import RabbitMQClient

@Suite struct ContentAssemblerTests {
    private let deliver = IncomingMethod.basicDeliver(
        consumerTag: "c", deliveryTag: 1, redelivered: false, exchange: "", routingKey: "q")
    private let returned = IncomingMethod.basicReturn(
        replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey: "q")
    private let properties = AMQPProperties(messageID: "m")

    private func accepted(_ size: UInt64) -> ContentHeader {
        ContentHeader(bodySize: size, properties: .accepted(properties))
    }

    private func body(of content: ContentAssembler.Content?) -> [UInt8]? {
        guard case .message(let message) = content?.content else { return nil }
        return message.body
    }

    @Test func anEmptyBodyIsCompleteWithTheHeader() throws {
        var assembler = ContentAssembler()
        #expect(assembler.isIdle)
        assembler.begin(deliver)
        #expect(!assembler.isIdle)
        let content = try assembler.receive(accepted(0))
        #expect(body(of: content) == [])
        #expect(assembler.isIdle)
    }

    @Test func framesArePutTogetherOneContentAfterTheOther() throws {
        var assembler = ContentAssembler()
        for _ in 0..<2 {
            assembler.begin(deliver)
            _ = try assembler.receive(accepted(5))
            #expect(!assembler.isIdle)
            _ = try assembler.receiveBody(size: 2) { $0 += [1, 2] }
            #expect(!assembler.isIdle)
            _ = try assembler.receiveBody(size: 0) { _ in }
            #expect(!assembler.isIdle)
            let content = try assembler.receiveBody(size: 3) { $0 += [3, 4, 5] }
            #expect(content?.method == deliver)
            #expect(body(of: content) == [1, 2, 3, 4, 5])
        }
    }

    @Test func aRefusedMessageIsDrainedWithoutACopy() throws {
        var assembler = ContentAssembler()
        assembler.begin(deliver)
        let header = ContentHeader(bodySize: 1 << 40, properties: .refused("too large"))
        _ = try assembler.receive(header)
        #expect(!assembler.isIdle)
        let frame = 1 << 30
        for _ in 0..<1023 {
            _ = try assembler.receiveBody(size: frame) { _ in Issue.record("copied") }
            #expect(!assembler.isIdle)
        }
        let content = try assembler.receiveBody(size: frame) { _ in Issue.record("copied") }
        guard case .bad(let reason) = content?.content else {
            Issue.record("not bad")
            return
        }
        #expect(reason == "too large")
        #expect(assembler.isIdle)
    }

    @Test func aRefusedMessageWithoutABodyIsCompleteAtOnce() throws {
        var assembler = ContentAssembler()
        assembler.begin(deliver)
        let content = try assembler.receive(ContentHeader(bodySize: 0, properties: .refused("bad")))
        #expect(content != nil)
    }

    @Test func aReturnedMessageKeepsItsPropertiesOnly() throws {
        var assembler = ContentAssembler()
        assembler.begin(returned)
        _ = try assembler.receive(accepted(3))
        #expect(!assembler.isIdle)
        let content = try assembler.receiveBody(size: 3) { _ in Issue.record("copied") }
        guard case .message(let message) = content?.content else {
            Issue.record("no message")
            return
        }
        #expect(message == AMQPMessage(properties: properties, body: []))
    }

    @Test func aSizeBeyondMemoryIsDrained() throws {
        var assembler = ContentAssembler()
        assembler.begin(deliver)
        _ = try assembler.receive(accepted(.max))
        #expect(!assembler.isIdle)
        _ = try assembler.receiveBody(size: 8) { _ in Issue.record("copied") }
        #expect(!assembler.isIdle)
    }

    @Test func moreBodyThanAnnouncedIsAViolation() throws {
        for header in [accepted(2), ContentHeader(bodySize: 2, properties: .refused("bad"))] {
            var assembler = ContentAssembler()
            assembler.begin(deliver)
            _ = try assembler.receive(header)
            #expect(throws: AMQPError.self) { _ = try assembler.receiveBody(size: 3) { $0 += [1, 2, 3] } }
        }
    }

    @Test func framesOutOfTurnAreViolations() throws {
        var idle = ContentAssembler()
        #expect(throws: AMQPError.self) { _ = try idle.receive(accepted(1)) }
        #expect(throws: AMQPError.self) { _ = try idle.receiveBody(size: 1) { _ in } }
        var waiting = ContentAssembler()
        waiting.begin(deliver)
        #expect(throws: AMQPError.self) { _ = try waiting.receiveBody(size: 1) { _ in } }
        _ = try waiting.receive(accepted(4))
        #expect(throws: AMQPError.self) { _ = try waiting.receive(accepted(4)) }
    }
}
