import Foundation
import MimiMessaging

/// An answer with gaps: `{{name}}` or `{{user.name}}` in its texts stands for a value of the request's body.
///
/// A text that is nothing but a gap becomes the value itself, whatever its kind; `{{method}}` and the others of `context`
/// begin with a dot: `{{.method}}`.
struct AnswerTemplate: Sendable {
    private let values: [String: MessageValue]

    /// - Throws: ``MessagingError/Code/serialization`` if it is no JSON object.
    init(_ message: Message) throws(MessagingError) { values = try message.values() }

    /// The template with its gaps filled. What the body has not becomes `null`, in the middle of text nothing.
    func answer(to body: [String: MessageValue], context: [String: MessageValue]) -> [String: MessageValue] {
        values.mapValues { Self.fill($0, body, context) }
    }

    private static func fill(
        _ value: MessageValue, _ body: [String: MessageValue], _ context: [String: MessageValue]
    ) -> MessageValue {
        switch value {
        case .string(let text): fill(text, body, context)
        case .array(let values): .array(values.map { fill($0, body, context) })
        case .object(let members): .object(members.mapValues { fill($0, body, context) })
        default: value
        }
    }

    private static func fill(
        _ text: String, _ body: [String: MessageValue], _ context: [String: MessageValue]
    ) -> MessageValue {
        var result = ""
        var rest = text[...]
        while let open = rest.range(of: "{{"), let close = rest[open.upperBound...].range(of: "}}") {
            let path = rest[open.upperBound..<close.lowerBound].trimmingCharacters(in: .whitespaces)
            let value = lookUp(path, body, context)
            if open.lowerBound == text.startIndex, close.upperBound == text.endIndex { return value }
            result += rest[..<open.lowerBound] + inText(value)
            rest = rest[close.upperBound...]
        }
        return .string(result + rest)
    }

    private static func lookUp(
        _ path: String, _ body: [String: MessageValue], _ context: [String: MessageValue]
    ) -> MessageValue {
        if path.hasPrefix(".") { return context[String(path.dropFirst())] ?? .null }
        var value = MessageValue.object(body)
        for name in path.split(separator: ".") {
            guard let next = value[String(name)] else { return .null }
            value = next
        }
        return value
    }

    private static func inText(_ value: MessageValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        default: (try? JSONOutput.line(value)) ?? ""
        }
    }
}
