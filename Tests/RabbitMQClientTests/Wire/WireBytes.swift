@testable import RabbitMQClient

/// Builds what a peer would send, octet by octet, without help from the code under test.
struct WireBytes {
    var bytes: [UInt8] = []

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    func int<T: FixedWidthInteger>(_ value: T) -> WireBytes {
        let octets = stride(from: T.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> T($0)) }
        return WireBytes(bytes + octets)
    }

    func raw(_ more: [UInt8]) -> WireBytes { WireBytes(bytes + more) }
    func short(_ text: String) -> WireBytes { int(UInt8(text.utf8.count)).raw(Array(text.utf8)) }
    func long(_ more: [UInt8]) -> WireBytes { int(UInt32(more.count)).raw(more) }

    /// One table entry: name, kind, value.
    func entry(_ name: String, _ kind: Character, _ value: [UInt8] = []) -> WireBytes {
        short(name).raw([kind.asciiValue ?? 0]).raw(value)
    }

    static func frame(_ type: UInt8, channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        WireBytes().int(type).int(channel).long(payload).int(UInt8(206)).bytes
    }

    static func method(_ classID: UInt16, _ methodID: UInt16, channel: UInt16 = 1, _ arguments: [UInt8] = []) -> [UInt8]
    {
        frame(1, channel: channel, WireBytes().int(classID).int(methodID).raw(arguments).bytes)
    }

    /// A content header; `properties` starts with the flags.
    static func header(bodySize: UInt64 = 0, classID: UInt16 = 60, properties: [UInt8] = [0, 0]) -> [UInt8] {
        frame(2, channel: 1, WireBytes().int(classID).int(UInt16(0)).int(bodySize).raw(properties).bytes)
    }

    /// A content header whose only property is this encoded header table (without its length).
    static func header(table: [UInt8]) -> [UInt8] {
        header(properties: WireBytes([0x20, 0x00]).long(table).bytes)
    }
}

/// A reader with the usual limits.
func makeReader(frameMax: Int = 131_072, channelMax: Int = 10, limits: AMQPLimits = AMQPLimits()) -> FrameReader {
    FrameReader(frameMax: frameMax, channelMax: channelMax, limits: limits)
}

/// What the reader makes of a content header frame.
func properties(of frame: [UInt8], limits: AMQPLimits = AMQPLimits()) throws -> ContentHeader.Properties {
    var reader = makeReader(limits: limits)
    reader.feed(frame)
    guard case .header(_, let header) = try reader.next() else { throw NotAHeader() }
    return header.properties
}

struct NotAHeader: Error {}

/// Why a header frame was refused; nil when it was not.
func refusal(of frame: [UInt8], limits: AMQPLimits = AMQPLimits()) throws -> String? {
    guard case .refused(let reason) = try properties(of: frame, limits: limits) else { return nil }
    return reason
}

/// Sends the message through the writer and reads its content header back.
func roundTrip(_ sent: AMQPProperties, limits: AMQPLimits = AMQPLimits()) throws -> ContentHeader.Properties {
    var writer = FrameWriter(frameMax: 131_072)
    _ = try writer.append(
        publish: AMQPMessage(properties: sent, body: []), exchange: "", routingKey: "", mandatory: false, channel: 1)
    var reader = makeReader(limits: limits)
    reader.feed(writer.pendingBytes)
    _ = try reader.next()
    guard case .header(_, let header) = try reader.next() else { throw NotAHeader() }
    return header.properties
}

/// The error that an operation throws.
func failure(_ operation: () throws(AMQPError) -> Void) -> AMQPError? {
    do {
        try operation()
        return nil
    } catch {
        return error
    }
}
