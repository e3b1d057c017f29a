import Testing

@testable import RabbitMQClient

@Suite struct WireFieldTableTests {
    static let values: [AMQPFieldValue] = [
        .bool(true), .bool(false), .int8(.min), .int8(.max), .uint8(.max), .int16(.min), .uint16(.max), .int32(.min),
        .uint32(.max), .int64(.min), .int64(.max), .uint64(.max), .float(-1.5), .float(.infinity), .double(.pi),
        .decimal(scale: 2, value: .max), .string(""), .string("größer"), .string("a\0b"), .bytes([]),
        .bytes([0, 255]), .array([]), .array([.int8(1), .void, .array([.string("x")])]), .timestamp(.max),
        .table([:]), .table(["k": .table(["l": .array([.table(["m": .bool(true)])])])]), .void,
    ]

    @Test(arguments: values)
    func everyKindSurvives(_ value: AMQPFieldValue) throws {
        let properties = AMQPProperties(headers: ["h": value])
        #expect(try roundTrip(properties) == .accepted(properties))
    }

    @Test func orderAndDuplicatesSurvive() throws {
        let table: AMQPFieldTable = ["b": 1, "a": 2, "b": 3]
        #expect(try roundTrip(AMQPProperties(headers: table)) == .accepted(AMQPProperties(headers: table)))
    }

    @Test func aStringThatIsNotUTF8ComesAsBytes() throws {
        let table = WireBytes().entry("h", "S", WireBytes().long([0xC3, 0x28]).bytes).bytes
        let expected = AMQPProperties(headers: ["h": .bytes([0xC3, 0x28])])
        #expect(try properties(of: WireBytes.header(table: table)) == .accepted(expected))
    }

    @Test func kindsAreThoseOfRabbitMQ() throws {
        let table = WireBytes().entry("a", "l", WireBytes().int(Int64(-5)).bytes)
            .entry("b", "I", WireBytes().int(Int32(-5)).bytes).entry("c", "s", WireBytes().int(Int16(-5)).bytes)
            .entry("d", "t", [2]).bytes
        let expected: AMQPFieldTable = ["a": .int64(-5), "b": .int32(-5), "c": .int16(-5), "d": .bool(true)]
        #expect(try properties(of: WireBytes.header(table: table)) == .accepted(AMQPProperties(headers: expected)))
    }

    @Test(arguments: ["", String(repeating: "n", count: 129), String(repeating: "é", count: 65), "a\0b"])
    func badNamesAreNotSent(_ name: String) {
        for headers in [[name: 1], ["x": .table([name: 1])], ["x": .array([.table([name: 1])])]] as [AMQPFieldTable] {
            let error = #expect(throws: AMQPError.self) { try roundTrip(AMQPProperties(headers: headers)) }
            #expect(error?.kind == .invalidMessage)
        }
    }

    @Test func aNameOf128BytesIsSent() throws {
        let properties = AMQPProperties(headers: [String(repeating: "n", count: 128): 1])
        #expect(try roundTrip(properties) == .accepted(properties))
    }

    @Test func nestingIsBoundedOnTheWayOut() throws {
        func nested(_ levels: Int) -> AMQPFieldValue {
            (1..<levels).reduce(.array([.void])) { value, _ in .array([value]) }
        }
        let limits = AMQPLimits(maximumHeaderDepth: 64)
        let deep = AMQPProperties(headers: ["h": nested(31)])
        #expect(try roundTrip(deep, limits: limits) == .accepted(deep))
        let error = #expect(throws: AMQPError.self) {
            try roundTrip(AMQPProperties(headers: ["h": nested(32)]), limits: limits)
        }
        #expect(error?.kind == .invalidMessage)
    }

    @Test func theSubscriptReadsTheFirstAndReplacesAll() {
        var table: AMQPFieldTable = ["a": 1, "b": 2, "a": 3]
        #expect(table["a"] == 1)
        table["a"] = 4
        #expect(table == ["a": 4, "b": 2])
        table["c"] = 5
        #expect(table == ["a": 4, "b": 2, "c": 5])
        table["b"] = nil
        #expect(table == ["a": 4, "c": 5])
        #expect(table["b"] == nil)
        #expect(table.map(\.name) == ["a", "c"])
    }
}
