import Testing

@testable import MimiMessaging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct JSONWriterTests {
    /// Reads with another decoder than ours.
    private func foundation(_ object: [String: MessageValue]) throws -> [String: MessageValue] {
        try JSONDecoder().decode([String: MessageValue].self, from: Data(JSONWriter.bytes(of: object)))
    }

    @Test func everyKindOfValueIsReadBack() throws {
        let object: [String: MessageValue] = [
            "": nil, "yes": true, "no": false, "most": .integer(.max), "least": .integer(.min), "zero": 0,
            "half": 0.5, "tiny": .double(.leastNonzeroMagnitude), "huge": .double(.greatestFiniteMagnitude),
            "list": [1, "two", [3.5, nil], [:], []], "object": ["a": ["b": "c"]],
        ]
        #expect(try foundation(object) == object)
        #expect(try JSONWriter.bytes(of: [:]) == Array("{}".utf8))
    }

    @Test func everyCharacterIsReadBack() throws {
        let plain = (0...0x2FF).compactMap(UnicodeScalar.init).map(String.init).joined()
        let object: [String: MessageValue] = [plain: .string(plain), "beyond": "\u{1F600}\u{10FFFF}\u{2028}\u{FEFF}"]
        #expect(try foundation(object) == object)
    }

    @Test func wholeNumbersHaveNoPoint() throws {
        #expect(try JSONWriter.bytes(of: ["n": 2.0]) == Array(#"{"n":2}"#.utf8))
    }

    @Test func escapesAreTheShortOnes() throws {
        let text = "\"\\\u{8}\t\n\u{C}\r\u{1}/"
        #expect(try JSONWriter.bytes(of: ["a": .string(text)]) == Array(#"{"a":"\"\\\b\t\n\f\r\u0001/"}"#.utf8))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNoNumberIsRefusedWithItsPlace(number: Double) async throws {
        let error = try await expectError(.serialization) {
            try JSONWriter.bytes(of: ["order": ["lines": [1, ["price": .double(number)]]]])
        }
        #expect(error.message.contains("'order.lines.Index 1.price'"))
    }
}
