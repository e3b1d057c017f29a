import Testing

@testable import MimiMessaging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct JSONSerializerTests {
    private struct Order: Codable, Equatable {
        var id: Int
        var note: String?
        var placed: Date?
        var data: Data?
    }

    private let serializer = JSONMessageSerializer()

    private func decode(_ text: String) throws(MessagingError) -> [String: MessageValue] {
        try serializer.decode([String: MessageValue].self, from: Array(text.utf8))
    }

    @Test func valuesSurviveTheWay() throws {
        let values: [String: MessageValue] = [
            "null": nil, "true": true, "false": false, "int": -9_007_199_254_740_993, "double": 1.25,
            "text": "a\n\"\u{1F600}\"/",
            "array": [1, ["x"], [:]], "object": ["a": ["b": nil]], "": "empty key", "zero": 0,
        ]
        let bytes = try serializer.encode(values)
        #expect(try serializer.decode([String: MessageValue].self, from: bytes) == values)
    }

    @Test(arguments: [
        "", " ", "\n", "[]", "[{}]", "1", "\"x\"", "null", "true", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{'a':1}", "{\"a\":[1,]}", "{\"a\":[1,\n]}", "{,}", "{\"a\":[,1]}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}",
        "{\"a\":tru}", "{\"a\":truex}", "{\"a\":-}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":+1}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\uD800\"}", "{\"a\":\"\\uD800\\u0041\"}",
        "{\"a\":\"\\uDC00\"}",
        "{\"a\":\"\n\"}", "{\"a\":\"\\", "{\"a\":\"", "{\"a", "{\"a\":[1}", "{\"a\":\u{0B}1}", "{\"a\":-01}",
        "{\"a\":Infinity}",
        "{\"a\":1}{}", "{\"a\":1} x", "{\"a\":nan}", "{\"a\":01}", "{\"a\":\"\u{0}\"}", "\u{FEFF}", "x",
        "{\"a\":1e400}",
    ])
    func whatIsNoObjectIsRefused(text: String) async throws {
        let error = try await expectError(.serialization) { try decode(text) }
        #expect(!error.isRetryable)
    }

    @Test(
        arguments: [
            [0xFF], [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], [0x00],
            [0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xC3, 0x28, 0x22, 0x7D],
        ] as [[UInt8]])
    func bytesThatAreNoTextAreRefused(bytes: [UInt8]) async throws {
        try await expectError(.serialization) { try serializer.decode([String: MessageValue].self, from: bytes) }
    }

    /// What is read into free values and what is read into types is the same JSON.
    @Test(arguments: ["{\"a\":[1,]}", "{\"a\":1,}", "{\"a\":1}}", "{\"a\":[1}", "{\"a\":1} x"])
    func typesAreNoMoreGenerousThanValues(text: String) async throws {
        struct Anything: Decodable {}
        try await expectError(.serialization) { try serializer.decode(Anything.self, from: Array(text.utf8)) }
    }

    @Test func escapes() throws {
        let values = try decode(#"{"\u0061\n": "\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000é😀"}"#)
        #expect(values == ["a\n": "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}\u{0}é😀"])
    }

    @Test func spaceIsAllowedBetweenAllParts() throws {
        #expect(try decode(" \t\r\n{ \"a\" : [ 1 , { } , [ ] ] , \"b\" : null } \n") == ["a": [1, [:], []], "b": nil])
    }

    @Test func datesMayHaveFractions() throws {
        for text in ["1970-01-02T00:00:00Z", "1970-01-02T00:00:00.000Z", "1970-01-02T01:00:00+01:00"] {
            let order = try serializer.decode(Order.self, from: Array("{\"id\":1,\"placed\":\"\(text)\"}".utf8))
            #expect(order.placed == Date(timeIntervalSince1970: 86_400))
        }
    }

    @Test func deepNestingIsRefusedAtOnce() async throws {
        let objects = String(repeating: "{\"a\":", count: 500) + "1" + String(repeating: "}", count: 500)
        let error = try await expectError(.serialization) { try decode(objects) }
        #expect(error.message.contains("64"))
        try await expectError(.serialization) { try decode("{\"a\":" + String(repeating: "[", count: 200_000)) }
    }

    @Test func theLimitOfNestingCanBeChosen() async throws {
        let deep = "{\"a\":" + String(repeating: "[", count: 63) + String(repeating: "]", count: 63) + "}"
        _ = try decode(deep)
        try await expectError(.serialization) { try decode("{\"a\":[" + deep + "]}") }
        let shallow = JSONMessageSerializer(maximumDepth: 2)
        _ = try shallow.decode([String: MessageValue].self, from: Array("{\"a\":[1]}".utf8))
        try await expectError(.serialization) {
            try shallow.decode([String: MessageValue].self, from: Array("{\"a\":[[1]]}".utf8))
        }
    }

    /// Bracket signs inside of texts are text.
    @Test func bracketsInTextsDoNotNest() throws {
        let text = String(repeating: "[{\\\"", count: 500)
        #expect(try decode("{\"a\":\"\(text)\"}")["a"]?.string?.count == 1_500)
    }

    @Test func theFirstOfEqualKeysCountsEverywhere() throws {
        struct Pair: Decodable { var a: Int }
        let text = "{\"a\":1,\"a\":2}"
        let typed = try serializer.decode(Pair.self, from: Array(text.utf8))
        #expect(try decode(text)["a"]?.integer == typed.a)
    }

    @Test func numbers() throws {
        let values = try decode(
            """
            {"max": 9223372036854775807, "min": -9223372036854775808, "over": 9223372036854775808, "whole": 1.0,
             "exponent": 1e3, "fraction": 0.5, "tiny": 1E-300, "negative": -0.0}
            """)
        #expect(values["max"] == .integer(.max))
        #expect(values["min"] == .integer(.min))
        #expect(values["over"]?.double == 9_223_372_036_854_775_808)
        #expect(values["over"]?.integer == nil)
        #expect(values["whole"]?.integer == 1)
        #expect(values["negative"]?.double?.sign == .minus)
        #expect(values["exponent"]?.integer == 1_000)
        #expect(values["fraction"] == .double(0.5))
        #expect(values["fraction"]?.integer == nil)
        #expect(values["tiny"] == .double(1e-300))
    }

    @Test func truthIsNoNumber() throws {
        let values = try decode("{\"a\": true, \"b\": 1}")
        #expect(values["a"] == .bool(true))
        #expect(values["b"] == .integer(1))
    }

    @Test func datesAreISO8601AndDataIsBase64() throws {
        let order = Order(id: 1, placed: Date(timeIntervalSince1970: 86_400), data: Data([0, 255]))
        let bytes = try serializer.encode(order)
        let values = try serializer.decode([String: MessageValue].self, from: bytes)
        #expect(values["placed"] == "1970-01-02T00:00:00Z")
        #expect(values["data"] == "AP8=")
        #expect(try serializer.decode(Order.self, from: bytes) == order)
    }

    @Test func onlyObjectsAreEncoded() async throws {
        try await expectError(.serialization) { try serializer.encode([1, 2]) }
        try await expectError(.serialization) { try serializer.encode("text") }
        try await expectError(.serialization) { try serializer.encode(Int?.none) }
        try await expectError(.serialization) { try serializer.encode(["a": Double.nan]) }
        try await expectError(.serialization) { try serializer.encode(["a": MessageValue.double(.infinity)]) }
        #expect(try serializer.encode([String: Int]()) == Array("{}".utf8))
    }

    @Test func slashesStayAsTheyAre() throws {
        #expect(try String(decoding: serializer.encode(["a": "b/c"]), as: UTF8.self) == "{\"a\":\"b/c\"}")
    }

    @Test(arguments: [
        ("{}", "id"), ("{\"id\":\"secret\"}", "id"), ("{\"id\":null}", "id"), ("{\"id\":1,\"note\":5550123}", "note"),
        ("{\"id\":1,\"placed\":\"secret\"}", "placed"),
    ])
    func errorsNameThePlaceButNoValue(text: String, place: String) async throws {
        let error = try await expectError(.serialization) { try serializer.decode(Order.self, from: Array(text.utf8)) }
        #expect(error.message.contains("'\(place)'"))
        #expect(!error.description.contains("secret"))
        #expect(!error.description.contains("5550123"))
    }
}
