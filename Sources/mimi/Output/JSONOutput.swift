import ArgumentParser
import Foundation
import MimiMessaging

/// JSON as the tool writes it: one object on one line, keys in order.
enum JSONOutput {
    static func line(_ value: some Encodable) throws -> String { try text(value, []) }

    /// Over several lines, for people.
    static func pretty(_ value: some Encodable) throws -> String { try text(value, .prettyPrinted) }

    private static func text(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Whether output is for machines.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON, one object on a line, for machines; errors, too.")
    var json = false

    /// Writes a result in one form or the other.
    func show(_ value: some Encodable, else text: () throws -> Void) throws {
        if json { Console.line(try JSONOutput.line(value)) } else { try text() }
    }
}
