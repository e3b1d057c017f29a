#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Bodies as JSON objects. Dates are ISO 8601 in UTC, data is Base64.
public struct JSONMessageSerializer: MessageSerializer {
    public let contentType = "application/json"
    /// How deep a received body may be nested. The default is 64, the most is 512.
    public let maximumDepth: Int

    /// Creates a serializer.
    public init(maximumDepth: Int = 64) { self.maximumDepth = min(max(maximumDepth, 1), 512) }

    public func encode(_ value: some Encodable) throws(MessagingError) -> [UInt8] {
        if type(of: value) == [String: MessageValue].self, let object = value as? [String: MessageValue] {
            return try JSONWriter.bytes(of: object)
        }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .withoutEscapingSlashes
        let data: Data
        do {
            data = try encoder.encode(value)
        } catch {
            throw MessagingError(.serialization, "the body cannot be encoded as JSON: \(Self.explain(error))")
        }
        guard data.first == UInt8(ascii: "{") else {
            throw MessagingError(.serialization, "\(type(of: value)) does not encode as a JSON object")
        }
        return Array(data)
    }

    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(MessagingError) -> Value {
        if type == [String: MessageValue].self,
            let object = try JSONParser.object(bytes, depthLimit: maximumDepth) as? Value
        {
            return object
        }
        try JSONShape.check(bytes, depthLimit: maximumDepth)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom(Self.date)
        decoder.userInfo = FreeValues.userInfo(bytes, depthLimit: maximumDepth)
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw MessagingError(.serialization, "the body does not fit \(type): \(Self.explain(error))")
        }
    }

    /// A date with or without fractions of a second, as services in other languages write them.
    @Sendable private static func date(from decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if let date = try? Date(text, strategy: .iso8601) { return date }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) {
            return date
        }
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no date")
    }

    /// Says where and why, without the values of the body, which may be secret.
    private static func explain(_ error: any Error) -> String {
        func path(_ context: [any CodingKey]) -> String {
            context.isEmpty ? "the top" : "'" + context.map(\.stringValue).joined(separator: ".").escapedForLog + "'"
        }
        return switch error {
        case DecodingError.keyNotFound(let key, _): "there is no '\(key.stringValue.escapedForLog)'"
        case DecodingError.typeMismatch(let type, let context): "no \(type) at \(path(context.codingPath))"
        case DecodingError.valueNotFound(let type, let context):
            "null instead of \(type) at \(path(context.codingPath))"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            "a wrong value at \(path(context.codingPath))"
        case EncodingError.invalidValue(_, let context): "a value at \(path(context.codingPath)) that JSON cannot say"
        default: "it is not JSON"
        }
    }
}
