import Logging
import MimiMessaging

@testable import MimiMessagingRabbitMQ
@testable import RabbitMQClient

extension FuzzTarget {
    private static let frameMax = 131_072

    /// The payload of a method frame.
    static let methods = FuzzTarget("methods") { bytes in
        do {
            guard case .method(1, let method) = try frame(1, bytes) else { return }
            try require(!method.name.isEmpty, "a method without a name")
        } catch let error as AMQPError {
            try require(error.kind == .protocolViolation, "the wrong kind: \(error)")
        }
    }

    /// The property flags of a content header, and what follows them. Whatever is taken can be handled, and copied to the
    /// retry ladder and the dead letters.
    static let properties = FuzzTarget("properties") { bytes in
        guard let properties = try accepted(bytes) else { return }
        let headers = properties.headers ?? [:]
        try require(headers.count <= AMQPLimits().maximumHeaderCount, "too many headers")
        try require(headers.allSatisfy { (1...128).contains($0.name.utf8.count) }, "a name of a wrong length")

        let message = AMQPMessage(properties: properties, body: [])
        let decoder = MessageDecoder(clock: .continuous, replyQueuePrefix: "mimi.reply.")
        let delivery = AMQPDelivery(
            consumerTag: "c", tag: AMQPDeliveryTag(number: 1, generation: 1), redelivered: false, exchange: "",
            routingKey: "q", content: .message(message))
        for isTopic in [true, false] {
            let request = decoder.request(delivery, isTopic: isTopic, arrival: MessagingClock.continuous.now)
            try require(request.attempt >= 1, "an attempt below the first")
            try require(
                !request.headers.contains { $0.key.hasPrefix("__") }, "a header of the family shown to the user")
        }
        _ = decoder.reply(delivery)

        let failure = FailureRecord(code: "error", message: "no")
        let retry = MessageEncoder.retry(message, attempt: 2, patience: nil, failure: failure)
        let dead = MessageEncoder.deadLetter(message, queue: "q", attempt: 2, failure: failure)
        for copy in [message, retry, dead] {
            let encoded = try encode(copy.properties)
            guard copy.properties.headers?.count ?? 0 <= AMQPLimits().maximumHeaderCount,
                let again = try accepted(encoded)
            else { continue }
            try require(try encode(again) == encoded, "another message after a round trip")
        }
    }

    /// A header table of every shape, as a service could make one.
    static let fields = FuzzTarget("fields") { bytes in
        var script = Script(bytes)
        let properties = AMQPProperties(headers: table(&script, depth: 1), messageID: script.text())
        do {
            let encoded = try encode(properties)
            guard let again = try accepted(encoded) else { return }
            try require(try encode(again) == encoded, "another table after a round trip")
        } catch let error as AMQPError {
            try require(error.kind == .invalidMessage, "the wrong kind: \(error)")
        }
    }

    private static func table(_ script: inout Script, depth: Int) -> AMQPFieldTable {
        var table = AMQPFieldTable()
        for _ in 0..<script.choice(below: 8) { table.append(script.text(), value(&script, depth: depth)) }
        return table
    }

    private static func value(_ script: inout Script, depth: Int) -> AMQPFieldValue {
        switch script.choice(below: 18) {
        case 0: .bool(script.byte() & 1 == 1)
        case 1: .int8(script.integer())
        case 2: .uint8(script.integer())
        case 3: .int16(script.integer())
        case 4: .uint16(script.integer())
        case 5: .int32(script.integer())
        case 6: .uint32(script.integer())
        case 7: .int64(script.integer())
        case 8: .uint64(script.integer())
        case 9: .float(Float(bitPattern: script.integer()))
        case 10: .double(Double(bitPattern: script.integer()))
        case 11: .decimal(scale: script.byte(), value: script.integer())
        case 12: .string(script.text())
        case 13: .bytes(script.take(Int(script.byte())))
        case 14 where depth < 40: .array((0..<script.choice(below: 4)).map { _ in value(&script, depth: depth + 1) })
        case 15 where depth < 40: .table(table(&script, depth: depth + 1))
        case 16: .timestamp(script.integer())
        default: .void
        }
    }

    /// The properties of a content header, unless they are refused.
    private static func accepted(_ encoded: [UInt8]) throws -> AMQPProperties? {
        guard encoded.count >= 2 else { return nil }
        let header: [UInt8] = [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        guard case .header(1, let header) = try frame(2, header + encoded),
            case .accepted(let properties) = header.properties
        else { return nil }
        return properties
    }

    /// The payload of the content header that goes out, from the flags on.
    private static func encode(_ properties: AMQPProperties) throws -> [UInt8] {
        var writer = FrameWriter(frameMax: frameMax)
        _ = try writer.append(
            publish: AMQPMessage(properties: properties, body: []), exchange: "", routingKey: "", mandatory: false,
            channel: 1)
        let bytes = writer.pendingBytes
        let method = 8 + bytes[3..<7].reduce(0) { $0 << 8 | Int($1) }
        return Array(bytes[(method + 7 + 12)..<(bytes.count - 1)])
    }

    /// What a reader makes of one frame on channel 1.
    private static func frame(_ type: UInt8, _ payload: [UInt8]) throws -> IncomingFrame? {
        guard payload.count >= 4, payload.count <= frameMax - 8 else { return nil }
        var reader = FrameReader(frameMax: frameMax, channelMax: 10, limits: AMQPLimits())
        let size = (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (24 - $0 * 8)) }
        reader.feed([type, 0, 1] + size + payload + [206])
        return try reader.next()
    }
}
