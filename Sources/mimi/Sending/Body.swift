import Foundation
import MimiMessaging

/// The body of a message as it stands on the command line.
enum Body {
    /// Reads it: a JSON object, `@file`, or `-` for standard input; nothing means `{}`.
    /// - Throws: ``ToolError`` if there is no such file; ``MessagingError/Code/serialization`` if it is no JSON object.
    static func message(_ argument: String?) throws -> Message {
        switch argument {
        case nil: return [:]
        case "-"?: return try parse(FileHandle.standardInput.readToEnd() ?? Data())
        case let text? where text.hasPrefix("@"):
            let path = String(text.dropFirst())
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ToolError("the file '\(path)' cannot be read")
            }
            return try parse(data)
        case let text?: return try parse(Data(text.utf8))
        }
    }

    /// A JSON object as a message.
    static func parse(_ data: Data) throws(MessagingError) -> Message {
        Message(try JSONMessageSerializer().decode([String: MessageValue].self, from: Array(data)))
    }
}
