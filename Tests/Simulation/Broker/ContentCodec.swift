import RabbitMQClient

/// Reads and writes properties and tables. Here the client's codec serves: it has tests of its own, and what is looked for
/// are mistakes in the order of things.
struct ContentCodec: ~Copyable {
    private var reader = FrameReader(frameMax: 1 << 20, channelMax: 1 << 10, limits: AMQPLimits())
    private var writer = FrameWriter(frameMax: 4096)

    /// The size of the body and the properties, from the payload of a content header.
    mutating func header(_ payload: [UInt8]) -> (bodySize: Int, properties: AMQPProperties)? {
        reader.feed(Octets.frame(2, 1, payload))
        guard case .header(_, let header)? = try? reader.next(), case .accepted(let properties) = header.properties
        else { return nil }
        return (Int(header.bodySize), properties)
    }

    /// A table, its length in front.
    mutating func table(_ bytes: [UInt8]) -> AMQPFieldTable {
        // A content header whose only property are its headers.
        header([0, 60, 0, 0] + Octets.number(0 as UInt64) + [0x20, 0] + bytes)?.properties.headers ?? [:]
    }

    /// The frames of a content, without those of a method.
    mutating func content(_ message: AMQPMessage, channel: UInt16) -> [UInt8]? {
        let start = writer.mark
        defer { writer.rollBack(to: start) }
        do {
            _ = try writer.append(publish: message, exchange: "", routingKey: "", mandatory: false, channel: channel)
        } catch {
            return nil
        }
        let methodFrame = 8 + 4 + 2 + 1 + 1 + 1
        return Array(writer.pendingBytes.dropFirst(methodFrame))
    }
}
