/// Frames as a broker sends them, put together octet by octet so that the client's codec is not its own judge.
enum PeerFrame {
    static func frame(_ type: UInt8, _ channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [type] + bytes(channel) + bytes(UInt32(payload.count)) + payload + [206]
    }

    static func method(_ channel: UInt16, _ classID: UInt16, _ methodID: UInt16, _ arguments: [UInt8] = []) -> [UInt8] {
        frame(1, channel, bytes(classID) + bytes(methodID) + arguments)
    }

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    static let heartbeat = frame(8, 0, [])
    static let connectionCloseOk = method(0, 10, 51)
    static let unblocked = method(0, 10, 61)

    static func blocked(_ reason: String) -> [UInt8] { method(0, 10, 60, short(reason)) }

    static func connectionClose(_ code: UInt16, _ text: String) -> [UInt8] {
        method(0, 10, 50, bytes(code) + short(text) + [0, 0, 0, 0])
    }

    static func channelOpenOk(_ channel: UInt16) -> [UInt8] { method(channel, 20, 11, [0, 0, 0, 0]) }
    static func channelCloseOk(_ channel: UInt16) -> [UInt8] { method(channel, 20, 41) }
    static func channelFlow(_ channel: UInt16, active: Bool) -> [UInt8] { method(channel, 20, 20, [active ? 1 : 0]) }

    static func channelClose(
        _ channel: UInt16, _ code: UInt16, _ text: String, classID: UInt16 = 60, methodID: UInt16 = 40
    ) -> [UInt8] {
        method(channel, 20, 40, bytes(code) + short(text) + bytes(classID) + bytes(methodID))
    }

    static func confirmSelectOk(_ channel: UInt16) -> [UInt8] { method(channel, 85, 11) }
    static func qosOk(_ channel: UInt16) -> [UInt8] { method(channel, 60, 11) }
    static func consumeOk(_ channel: UInt16, _ tag: String) -> [UInt8] { method(channel, 60, 21, short(tag)) }
    static func cancel(_ channel: UInt16, _ tag: String) -> [UInt8] { method(channel, 60, 30, short(tag) + [1]) }
    static func cancelOk(_ channel: UInt16, _ tag: String) -> [UInt8] { method(channel, 60, 31, short(tag)) }
    static func getEmpty(_ channel: UInt16) -> [UInt8] { method(channel, 60, 72, short("")) }

    static func declareOk(_ channel: UInt16, _ queue: String, messages: UInt32 = 0, consumers: UInt32 = 0) -> [UInt8] {
        method(channel, 50, 11, short(queue) + bytes(messages) + bytes(consumers))
    }

    static func purgeOk(_ channel: UInt16, _ count: UInt32) -> [UInt8] { method(channel, 50, 31, bytes(count)) }

    static func ack(_ channel: UInt16, _ tag: UInt64, multiple: Bool = false) -> [UInt8] {
        method(channel, 60, 80, bytes(tag) + [multiple ? 1 : 0])
    }

    static func nack(_ channel: UInt16, _ tag: UInt64, multiple: Bool = false) -> [UInt8] {
        method(channel, 60, 120, bytes(tag) + [multiple ? 1 : 0])
    }

    /// A content header; of the properties it may have the message id.
    static func header(_ channel: UInt16, size: UInt64, messageID: String? = nil) -> [UInt8] {
        let properties = messageID.map { bytes(UInt16(1 << 7)) + short($0) } ?? [0, 0]
        return frame(2, channel, [0, 60, 0, 0] + bytes(size) + properties)
    }

    static func body(_ channel: UInt16, _ body: [UInt8]) -> [UInt8] { frame(3, channel, body) }

    static func deliver(_ channel: UInt16, _ consumer: String, _ tag: UInt64, _ body: [UInt8]) -> [UInt8] {
        deliverMethod(channel, consumer, tag) + header(channel, size: UInt64(body.count))
            + (body.isEmpty ? [] : self.body(channel, body))
    }

    static func deliverMethod(_ channel: UInt16, _ consumer: String, _ tag: UInt64) -> [UInt8] {
        method(channel, 60, 60, short(consumer) + bytes(tag) + [0] + short("") + short("q"))
    }

    static func getOk(_ channel: UInt16, _ tag: UInt64, _ body: [UInt8]) -> [UInt8] {
        method(channel, 60, 71, bytes(tag) + [1] + short("e") + short("k") + bytes(UInt32(3)))
            + header(channel, size: UInt64(body.count)) + self.body(channel, body)
    }

    static func returned(
        _ channel: UInt16, exchange: String, routingKey: String, messageID: String? = nil, body: [UInt8] = []
    ) -> [UInt8] {
        method(channel, 60, 50, bytes(UInt16(312)) + short("NO_ROUTE") + short(exchange) + short(routingKey))
            + header(channel, size: UInt64(body.count), messageID: messageID)
            + (body.isEmpty ? [] : self.body(channel, body))
    }
}

/// A frame that the client sent, cut out of its bytes by hand.
struct SentFrame: Equatable, CustomStringConvertible {
    let type: UInt8
    let channel: UInt16
    let payload: [UInt8]

    /// Class and method number of a method frame.
    var method: [UInt8]? { type == 1 ? Array(payload.prefix(4)) : nil }

    /// What the frame is, for instance `1 basic.ack 7 multiple` on channel 1.
    var description: String {
        switch type {
        case 2: return "\(channel) header"
        case 3: return "\(channel) body \(payload.count)"
        case 8: return "heartbeat"
        default: break
        }
        let ids = (payload[1], payload[3])
        let tag = payload.count >= 12 ? payload[4..<12].reduce(0 as UInt64) { $0 << 8 | UInt64($1) } : 0
        switch ids {
        case (10, 50): return "connection.close \(UInt16(payload[4]) << 8 | UInt16(payload[5]))"
        case (10, 51): return "connection.close-ok"
        case (20, 10): return "\(channel) channel.open"
        case (20, 21): return "\(channel) channel.flow-ok \(payload[4])"
        case (20, 40): return "\(channel) channel.close"
        case (20, 41): return "\(channel) channel.close-ok"
        case (40, 10): return "\(channel) exchange.declare"
        case (50, 10): return "\(channel) queue.declare"
        case (50, 30): return "\(channel) queue.purge"
        case (60, 10): return "\(channel) basic.qos"
        case (60, 20): return "\(channel) basic.consume"
        case (60, 30): return "\(channel) basic.cancel"
        case (60, 40): return "\(channel) basic.publish"
        case (60, 70): return "\(channel) basic.get"
        case (60, 80): return "\(channel) basic.ack \(tag)\(payload[12] == 1 ? " multiple" : "")"
        case (60, 90): return "\(channel) basic.reject \(tag)\(payload[12] == 1 ? " requeue" : "")"
        case (60, 120): return "\(channel) basic.nack \(tag)\(payload[12] == 2 ? " requeue" : "")"
        case (85, 10): return "\(channel) confirm.select"
        default: return "\(channel) method \(ids.0).\(ids.1)"
        }
    }

    /// Takes the whole frames off the front of `bytes`.
    static func take(from bytes: inout [UInt8]) -> [SentFrame] {
        var frames: [SentFrame] = []
        var start = 0
        while bytes.count - start >= 8 {
            let size = bytes[(start + 3)..<(start + 7)].reduce(0) { $0 << 8 | Int($1) }
            guard bytes.count - start >= size + 8 else { break }
            precondition(bytes[start + size + 7] == 206, "the client sent a frame without its end octet")
            frames.append(
                SentFrame(
                    type: bytes[start], channel: UInt16(bytes[start + 1]) << 8 | UInt16(bytes[start + 2]),
                    payload: Array(bytes[(start + 7)..<(start + 7 + size)])))
            start += size + 8
        }
        bytes.removeFirst(start)
        return frames
    }
}
