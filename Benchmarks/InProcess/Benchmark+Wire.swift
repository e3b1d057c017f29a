import RabbitMQClient

extension Benchmark {
    /// Frames and confirms, as the client writes and reads them.
    static let wire: [String: Benchmark] = [
        "frames-encode": Benchmark { count in
            var writer = FrameWriter(frameMax: 131_072)
            for _ in 0..<count {
                let mark = writer.mark
                _ = try writer.append(publish: message, exchange: "", routingKey: "orders", mandatory: true, channel: 1)
                writer.rollBack(to: mark)
            }
        },
        "frames-decode": Benchmark { count in
            var writer = FrameWriter(frameMax: 131_072)
            _ = try writer.append(publish: message, exchange: "", routingKey: "orders", mandatory: true, channel: 1)
            // The method of a publish is none that a broker sends; header and body are the same both ways.
            let bytes = writer.pendingBytes
            let content = bytes.drop { $0 != 206 }.dropFirst()
            var reader = FrameReader(frameMax: 131_072, channelMax: 2047, limits: AMQPLimits())
            for _ in 0..<count {
                reader.feed(content)
                var body: [UInt8] = []
                while let frame = try reader.next() {
                    if case .body = frame { reader.appendBody(to: &body) }
                }
                precondition(body.count == message.body.count, "the body is not whole")
            }
        },
        "confirms": Benchmark { count in
            var confirms = ConfirmTracker<Int>()
            var confirmed = 0
            for number in 0..<count {
                confirms.register(number)
                // Every hundredth confirm answers for all before it.
                guard number % 100 == 99 else { continue }
                _ = confirms.settle(UInt64(number + 1), multiple: true) { _ in confirmed += 1 }
            }
            precondition(confirmed == count / 100 * 100, "a confirm is lost")
        },
    ]

    /// A command as this layer sends it.
    private static let message = AMQPMessage(
        properties: AMQPProperties(
            contentType: "application/json", headers: ["__method": "show"], deliveryMode: 2,
            messageID: "0123456789abcdef0123456789abcdef", timestamp: 1_700_000_000, type: "command"),
        body: Array(repeating: UInt8(ascii: "x"), count: 256))
}
