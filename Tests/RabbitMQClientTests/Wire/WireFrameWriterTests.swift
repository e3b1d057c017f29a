import Testing

@testable import RabbitMQClient

@Suite struct WireFrameWriterTests {
    /// Takes a fixed number of bytes per write, and keeps them.
    final class Sink: Transport {
        var taken: [UInt8] = []
        var perWrite: Int
        init(perWrite: Int) { self.perWrite = perWrite }
        var fileDescriptor: Int32? { nil }
        func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportRead { .end }
        func write(_ buffer: UnsafeRawBufferPointer) -> TransportWrite {
            guard perWrite > 0 else { return .wouldBlock(needsRead: false) }
            unsafe taken += buffer.prefix(perWrite)
            return .bytes(min(perWrite, buffer.count))
        }
        func close() {}
    }

    static func message(_ size: Int) -> AMQPMessage {
        AMQPMessage(body: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
    }

    /// The sizes of the body frames and the body in them.
    static func bodies(in bytes: [UInt8], frameMax: Int) throws -> (sizes: [Int], body: [UInt8]) {
        var reader = FrameReader(frameMax: frameMax, channelMax: 10, limits: AMQPLimits())
        reader.feed(bytes)
        var sizes: [Int] = []
        var body: [UInt8] = []
        while let frame = try reader.next() {
            guard case .body(_, let size) = frame else { continue }
            sizes.append(size)
            reader.appendBody(to: &body)
        }
        return (sizes, body)
    }

    @Test(arguments: [0, 1, 4087, 4088, 4089, 8176, 8177, 65536])
    func bodiesAreSplitAtTheFrameSize(_ size: Int) throws {
        var writer = FrameWriter(frameMax: 4096)
        let message = Self.message(size)
        let rest = try writer.append(publish: message, exchange: "e", routingKey: "", mandatory: false, channel: 1)
        #expect(rest == nil)
        let (sizes, body) = try Self.bodies(in: writer.pendingBytes, frameMax: 4096)
        #expect(body == message.body)
        #expect(sizes == Array(repeating: 4088, count: size / 4088) + (size % 4088 == 0 ? [] : [size % 4088]))
    }

    @Test func aLargeBodyIsHandedOutFrameByFrame() throws {
        var writer = FrameWriter(frameMax: 131_072)
        let message = Self.message(300_000)
        var rest = try #require(
            try writer.append(publish: message, exchange: "", routingKey: "q", mandatory: true, channel: 4))
        #expect(rest.channel == 4)
        #expect(rest.remaining == 300_000)
        let head = writer.count
        #expect(head < 100)
        var frames = 0
        while rest.remaining > 0 {
            writer.appendNextFrame(of: &rest)
            writer.appendHeartbeat()
            frames += 1
        }
        #expect(frames == 3)
        let (sizes, body) = try Self.bodies(in: writer.pendingBytes, frameMax: 131_072)
        #expect(sizes == [131_064, 131_064, 37_872])
        #expect(body == message.body)
        let before = writer.count
        writer.appendNextFrame(of: &rest)
        #expect(writer.count == before)
    }

    @Test(arguments: [1, 3, 1000, 1 << 20])
    func whatTheTransportTakesArrivesInOrder(_ perWrite: Int) throws {
        var writer = FrameWriter(frameMax: 4096)
        let sink = Sink(perWrite: perWrite)
        var sent: [UInt8] = []
        for tag in 0..<200 as Range<UInt64> {
            let before = writer.count
            try writer.append(.basicAck(deliveryTag: tag, multiple: false), channel: 1)
            sent += writer.pendingBytes.dropFirst(before)
            _ = try writer.drain(into: sink)
        }
        while writer.count > 0 { _ = try writer.drain(into: sink) }
        #expect(sink.taken == sent)
    }

    @Test func aTransportThatTakesNothingLosesNothing() throws {
        var writer = FrameWriter(frameMax: 4096)
        try writer.append(.channelOpen, channel: 1)
        let before = writer.pendingBytes
        #expect(try writer.drain(into: Sink(perWrite: 0)) == .wouldBlock(needsRead: false))
        #expect(writer.pendingBytes == before)
    }

    @Test func rollingBackForgetsWhatCameAfterTheMark() throws {
        var writer = FrameWriter(frameMax: 4096)
        try writer.append(.channelOpen, channel: 1)
        let sink = Sink(perWrite: 3)
        let mark = writer.mark
        _ = try writer.drain(into: sink)
        let kept = writer.pendingBytes
        try writer.append(.channelOpen, channel: 2)
        writer.rollBack(to: mark)
        #expect(writer.pendingBytes == kept)
    }

    @Test func aMessageThatCannotBeEncodedLeavesNoMethodFrameBehind() {
        var writer = FrameWriter(frameMax: 4096)
        writer.appendHeartbeat()
        let before = writer.pendingBytes
        let bad = AMQPMessage(properties: AMQPProperties(headers: ["": 1]), body: [1])
        let error = #expect(throws: AMQPError.self) {
            _ = try writer.append(publish: bad, exchange: "e", routingKey: "r", mandatory: false, channel: 1)
        }
        #expect(error?.kind == .invalidMessage)
        #expect(writer.pendingBytes == before)
    }

    @Test func aRoutingKeyOver255BytesIsNamed() {
        var writer = FrameWriter(frameMax: 4096)
        let error = #expect(throws: AMQPError.self) {
            _ = try writer.append(
                publish: Self.message(1), exchange: "", routingKey: String(repeating: "r", count: 256),
                mandatory: false, channel: 1)
        }
        #expect(error?.text == "the routing key is 256 bytes long, at most 255 are allowed")
        #expect(writer.count == 0)
    }
}
