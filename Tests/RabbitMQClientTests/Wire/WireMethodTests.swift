import Testing

@testable import RabbitMQClient

@Suite struct WireMethodTests {
    static let zero16 = WireBytes().int(UInt16(0))
    static let arguments: AMQPFieldTable = ["x-max-length": .int64(5)]
    static let argumentBytes = WireBytes().long(
        WireBytes().entry("x-max-length", "l", WireBytes().int(Int64(5)).bytes).bytes
    ).bytes
    static let noArguments: [UInt8] = [0, 0, 0, 0]

    static let outgoing: [(OutgoingMethod, [UInt8])] = [
        (
            .connectionClose(replyCode: 200, replyText: "bye"),
            WireBytes.method(10, 50, WireBytes().int(UInt16(200)).short("bye").raw(noArguments).bytes)
        ),
        (.connectionCloseOk, WireBytes.method(10, 51)),
        (.channelOpen, WireBytes.method(20, 10, [0])),
        (
            .channelClose(replyCode: 200, replyText: ""),
            WireBytes.method(20, 40, WireBytes().int(UInt16(200)).short("").raw(noArguments).bytes)
        ),
        (.channelCloseOk, WireBytes.method(20, 41)),
        (.channelFlowOk(active: true), WireBytes.method(20, 21, [1])),
        (
            .exchangeDeclare(
                name: "e", type: "fanout", passive: true, durable: true, autoDelete: false, internal: true,
                arguments: arguments),
            WireBytes.method(40, 10, zero16.short("e").short("fanout").raw([0b01011]).raw(argumentBytes).bytes)
        ),
        (.exchangeDelete(name: "e", ifUnused: true), WireBytes.method(40, 20, zero16.short("e").raw([1]).bytes)),
        (
            .queueDeclare(
                name: "q", passive: false, durable: true, exclusive: true, autoDelete: true, arguments: arguments),
            WireBytes.method(50, 10, zero16.short("q").raw([0b01110]).raw(argumentBytes).bytes)
        ),
        (
            .queueBind(queue: "q", exchange: "e", routingKey: "r", arguments: [:]),
            WireBytes.method(50, 20, zero16.short("q").short("e").short("r").raw([0]).raw(noArguments).bytes)
        ),
        (
            .queueUnbind(queue: "q", exchange: "e", routingKey: "r", arguments: [:]),
            WireBytes.method(50, 50, zero16.short("q").short("e").short("r").raw(noArguments).bytes)
        ),
        (.queuePurge(queue: "q"), WireBytes.method(50, 30, zero16.short("q").raw([0]).bytes)),
        (
            .queueDelete(queue: "q", ifUnused: false, ifEmpty: true),
            WireBytes.method(50, 40, zero16.short("q").raw([2]).bytes)
        ),
        (
            .basicQos(prefetchCount: 300, global: true),
            WireBytes.method(60, 10, WireBytes().int(UInt32(0)).int(UInt16(300)).raw([1]).bytes)
        ),
        (
            .basicConsume(queue: "q", consumerTag: "c", noAck: true, exclusive: true, arguments: arguments),
            WireBytes.method(60, 20, zero16.short("q").short("c").raw([0b0110]).raw(argumentBytes).bytes)
        ),
        (.basicCancel(consumerTag: "c"), WireBytes.method(60, 30, WireBytes().short("c").raw([0]).bytes)),
        (.basicGet(queue: "q", noAck: true), WireBytes.method(60, 70, zero16.short("q").raw([1]).bytes)),
        (
            .basicAck(deliveryTag: .max, multiple: true),
            WireBytes.method(60, 80, WireBytes().int(UInt64.max).raw([1]).bytes)
        ),
        (
            .basicNack(deliveryTag: 1, multiple: true, requeue: true),
            WireBytes.method(60, 120, WireBytes().int(UInt64(1)).raw([3]).bytes)
        ),
        (
            .basicReject(deliveryTag: 1, requeue: false),
            WireBytes.method(60, 90, WireBytes().int(UInt64(1)).raw([0]).bytes)
        ),
        (.confirmSelect, WireBytes.method(85, 10, [0])),
    ]

    @Test(arguments: outgoing)
    func whatWeSendIsWhatTheSpecificationSays(_ method: OutgoingMethod, _ octets: [UInt8]) throws {
        var writer = FrameWriter(frameMax: 4096)
        try writer.append(method, channel: 1)
        #expect(writer.pendingBytes == octets)
    }

    static let incoming: [(IncomingMethod, [UInt8])] = [
        (
            .connectionClose(replyCode: 320, replyText: "CONNECTION_FORCED", classID: 50, methodID: 10),
            WireBytes.method(
                10, 50, channel: 0,
                WireBytes().int(UInt16(320)).short("CONNECTION_FORCED").int(UInt16(50)).int(UInt16(10)).bytes)
        ),
        (.connectionCloseOk, WireBytes.method(10, 51, channel: 0)),
        (
            .connectionBlocked(reason: "low on memory"),
            WireBytes.method(10, 60, WireBytes().short("low on memory").bytes)
        ),
        (.connectionUnblocked, WireBytes.method(10, 61)),
        (.channelOpenOk, WireBytes.method(20, 11, WireBytes().long([]).bytes)),
        (.channelFlow(active: true), WireBytes.method(20, 20, [1])),
        (
            .channelClose(replyCode: 404, replyText: "NOT_FOUND", classID: 60, methodID: 20),
            WireBytes.method(
                20, 40, WireBytes().int(UInt16(404)).short("NOT_FOUND").int(UInt16(60)).int(UInt16(20)).bytes)
        ),
        (.channelCloseOk, WireBytes.method(20, 41)),
        (.exchangeDeclareOk, WireBytes.method(40, 11)),
        (.exchangeDeleteOk, WireBytes.method(40, 21)),
        (
            .queueDeclareOk(queue: "q", messageCount: .max, consumerCount: 2),
            WireBytes.method(50, 11, WireBytes().short("q").int(UInt32.max).int(UInt32(2)).bytes)
        ),
        (.queueBindOk, WireBytes.method(50, 21)),
        (.queueUnbindOk, WireBytes.method(50, 51)),
        (.queuePurgeOk(messageCount: 3), WireBytes.method(50, 31, [0, 0, 0, 3])),
        (.queueDeleteOk(messageCount: 4), WireBytes.method(50, 41, [0, 0, 0, 4])),
        (.basicQosOk, WireBytes.method(60, 11)),
        (.basicConsumeOk(consumerTag: "c"), WireBytes.method(60, 21, WireBytes().short("c").bytes)),
        (.basicCancel(consumerTag: "c", noWait: true), WireBytes.method(60, 30, WireBytes().short("c").raw([1]).bytes)),
        (.basicCancelOk(consumerTag: "c"), WireBytes.method(60, 31, WireBytes().short("c").bytes)),
        (
            .basicReturn(replyCode: 312, replyText: "NO_ROUTE", exchange: "e", routingKey: "r"),
            WireBytes.method(60, 50, WireBytes().int(UInt16(312)).short("NO_ROUTE").short("e").short("r").bytes)
        ),
        (
            .basicDeliver(consumerTag: "c", deliveryTag: .max, redelivered: true, exchange: "", routingKey: "q"),
            WireBytes.method(60, 60, WireBytes().short("c").int(UInt64.max).raw([1]).short("").short("q").bytes)
        ),
        (
            .basicGetOk(deliveryTag: 1, redelivered: false, exchange: "e", routingKey: "r", messageCount: 9),
            WireBytes.method(60, 71, WireBytes().int(UInt64(1)).raw([0]).short("e").short("r").int(UInt32(9)).bytes)
        ),
        (.basicGetEmpty, WireBytes.method(60, 72, [0])),
        (
            .basicAck(deliveryTag: 5, multiple: true),
            WireBytes.method(60, 80, WireBytes().int(UInt64(5)).raw([1]).bytes)
        ),
        (
            .basicNack(deliveryTag: 5, multiple: false),
            WireBytes.method(60, 120, WireBytes().int(UInt64(5)).raw([0]).bytes)
        ),
        (.confirmSelectOk, WireBytes.method(85, 11)),
        (.unknown(classID: 10, methodID: 10), WireBytes.method(10, 10, [UInt8](repeating: 0xFF, count: 40))),
        (.unknown(classID: 60, methodID: 40), WireBytes.method(60, 40)),
        (.unknown(classID: 999, methodID: 1), WireBytes.method(999, 1)),
        (.unknown(classID: 60, methodID: 12), WireBytes.method(60, 12)),
    ]

    @Test(arguments: incoming)
    func whatTheBrokerSendsIsUnderstood(_ method: IncomingMethod, _ octets: [UInt8]) throws {
        var reader = makeReader()
        reader.feed(octets)
        guard case .method(_, let decoded) = try reader.next() else {
            Issue.record("no method")
            return
        }
        #expect(decoded == method)
        #expect(decoded.hasContent == ["basic.return", "basic.deliver", "basic.get-ok"].contains(method.name))
    }

    /// The methods whose last argument is looked at.
    static let cutShort = incoming.filter { method, octets in
        switch method {
        case .basicGetEmpty, .channelOpenOk, .unknown: false
        default: octets.count > 12
        }
    }

    @Test(arguments: cutShort)
    func argumentsThatAreCutOffAreAProtocolViolation(_ method: IncomingMethod, _ octets: [UInt8]) {
        var reader = makeReader()
        reader.feed(WireBytes.frame(1, channel: 1, Array(octets[7..<(octets.count - 2)])))
        let error = #expect(throws: AMQPError.self) { _ = try reader.next() }
        #expect(error?.kind == .protocolViolation)
        #expect(error?.text.contains(method.name) == true)
    }

    @Test func namesOver255BytesLeaveNoTrace() {
        var writer = FrameWriter(frameMax: 4096)
        let long = String(repeating: "q", count: 256)
        let methods: [OutgoingMethod] = [
            .queuePurge(queue: long), .basicCancel(consumerTag: long), .exchangeDelete(name: long, ifUnused: false),
            .queueBind(queue: "", exchange: "", routingKey: long, arguments: [:]),
            .queueDeclare(
                name: "", passive: false, durable: false, exclusive: false, autoDelete: false, arguments: ["": 1]),
            .queueDeclare(
                name: "", passive: false, durable: false, exclusive: false, autoDelete: false,
                arguments: ["big": .string(String(repeating: "x", count: 5000))]),
        ]
        for method in methods {
            let error = #expect(throws: AMQPError.self) { try writer.append(method, channel: 1) }
            #expect(error?.kind == .invalidMessage)
        }
        #expect(writer.count == 0)
    }

    @Test func methodNamesAreTheSpecificationsOwn() {
        #expect(MethodName.text(classID: 50, methodID: 10) == "queue.declare")
        #expect(MethodName.text(classID: 60, methodID: 100) == "basic.recover-async")
        #expect(MethodName.text(classID: 0, methodID: 0) == nil)
    }
}
