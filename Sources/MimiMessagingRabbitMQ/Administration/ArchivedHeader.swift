import RabbitMQClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A header as it is kept in a file: `{"name": …, "value": …}`, with the kind of the value beside it unless it is text.
struct ArchivedHeader: Codable {
    private let name: String
    private let value: ArchivedValue

    var entry: AMQPFieldTable.Entry { .init(name: name, value: value.field) }

    init(_ entry: AMQPFieldTable.Entry) {
        name = entry.name
        value = ArchivedValue(field: entry.value)
    }

    private enum CodingKeys: String, CodingKey { case name }

    init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
        value = try ArchivedValue(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try value.encode(to: encoder)
    }
}

/// A value of AMQP with its kind, so that nothing changes on the way through a file.
private struct ArchivedValue: Codable {
    let field: AMQPFieldValue

    private enum Kind: String, Codable {
        case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float, double, decimal
        case string, bytes, array, timestamp, table, void
    }

    private enum CodingKeys: String, CodingKey { case kind, value, scale }

    init(field: AMQPFieldValue) { self.field = field }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try container.decode(type, forKey: .value)
        }
        field =
            switch try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .string {
            case .bool: .bool(try value())
            case .int8: .int8(try value())
            case .uint8: .uint8(try value())
            case .int16: .int16(try value())
            case .uint16: .uint16(try value())
            case .int32: .int32(try value())
            case .uint32: .uint32(try value())
            case .int64: .int64(try value())
            case .uint64: .uint64(try value())
            case .float: .float(try value())
            case .double: .double(try value())
            case .decimal: .decimal(scale: try container.decode(UInt8.self, forKey: .scale), value: try value())
            case .string: .string(try value())
            case .bytes: .bytes(Array(try value(Data.self)))
            case .array: .array(try value([ArchivedValue].self).map(\.field))
            case .timestamp: .timestamp(try value())
            case .table: .table(AMQPFieldTable(try value([ArchivedHeader].self).map(\.entry)))
            case .void: .void
            }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func put(_ kind: Kind, _ value: some Encodable) throws {
            try container.encode(kind, forKey: .kind)
            try container.encode(value, forKey: .value)
        }
        switch field {
        case .bool(let value): try put(.bool, value)
        case .int8(let value): try put(.int8, value)
        case .uint8(let value): try put(.uint8, value)
        case .int16(let value): try put(.int16, value)
        case .uint16(let value): try put(.uint16, value)
        case .int32(let value): try put(.int32, value)
        case .uint32(let value): try put(.uint32, value)
        case .int64(let value): try put(.int64, value)
        case .uint64(let value): try put(.uint64, value)
        case .float(let value): try put(.float, value)
        case .double(let value): try put(.double, value)
        case .decimal(let scale, let value):
            try put(.decimal, value)
            try container.encode(scale, forKey: .scale)
        case .string(let value): try container.encode(value, forKey: .value)
        case .bytes(let value): try put(.bytes, Data(value))
        case .array(let values): try put(.array, values.map(ArchivedValue.init))
        case .timestamp(let value): try put(.timestamp, value)
        case .table(let table): try put(.table, table.map(ArchivedHeader.init))
        case .void: try container.encode(Kind.void, forKey: .kind)
        }
    }
}
