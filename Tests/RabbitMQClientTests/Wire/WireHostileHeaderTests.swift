import Testing

@testable import RabbitMQClient

/// Header tables that a broken or hostile publisher can make the broker deliver.
@Suite struct WireHostileHeaderTests {
    /// One array or table inside the other, so many levels below the header table.
    static func nested(_ levels: Int, kind: Character, size: (Int) -> Int) -> [UInt8] {
        var value: [UInt8] = []
        for level in 0..<levels {
            let inner = level == 0 ? [] : (kind == "F" ? [1, 97] : []) + [kind.asciiValue ?? 0] + value
            value = WireBytes().int(UInt32(size(inner.count))).raw(inner).bytes
        }
        return WireBytes().entry("h", kind, value).bytes
    }

    @Test(arguments: ["A", "F"] as [Character])
    func nestingIsLimited(_ kind: Character) throws {
        let seven = Self.nested(7, kind: kind) { $0 }
        #expect(try refusal(of: WireBytes.header(table: seven)) == nil)
        let eight = Self.nested(8, kind: kind) { $0 }
        #expect(try refusal(of: WireBytes.header(table: eight)) == "headers nest deeper than 8 levels")
    }

    @Test func nestingOf20000LevelsIsRefused() throws {
        // Levels of five bytes: kind and length. Built from the outside in, or it would take minutes.
        let levels = 20_000
        var table: [UInt8] = [1, 104]
        for level in 0..<levels {
            table += WireBytes([65]).int(UInt32((levels - 1 - level) * 5)).bytes
        }
        let limits = AMQPLimits(maximumHeaderBytes: 1 << 20)
        #expect(try refusal(of: WireBytes.header(table: table), limits: limits) == "headers nest deeper than 8 levels")
        #expect(try refusal(of: WireBytes.header(table: table))?.hasPrefix("the headers take 100002 bytes") == true)
    }

    @Test func countIsLimitedOnTheFirstLevelOnly() throws {
        func entries(_ count: Int) -> [UInt8] {
            (0..<count).reduce(WireBytes()) { table, index in table.entry("h\(index)", "V") }.bytes
        }
        #expect(try refusal(of: WireBytes.header(table: entries(64))) == nil)
        #expect(try refusal(of: WireBytes.header(table: entries(65))) == "more than 64 headers")
        let inner = WireBytes().entry("h", "F", WireBytes().long(entries(65)).bytes).bytes
        #expect(try refusal(of: WireBytes.header(table: inner)) == nil)
    }

    @Test func sizeIsLimited() throws {
        func table(_ size: Int) -> [UInt8] {
            WireBytes().entry("h", "x", WireBytes().long([UInt8](repeating: 0, count: size - 7)).bytes).bytes
        }
        #expect(try refusal(of: WireBytes.header(table: table(16 << 10))) == nil)
        #expect(
            try refusal(of: WireBytes.header(table: table((16 << 10) + 1)))
                == "the headers take 16385 bytes, at most 16384 are taken")
    }

    @Test func namesAreLimited() throws {
        let empty = WireBytes().entry("", "V").bytes
        #expect(try refusal(of: WireBytes.header(table: empty)) == "a header name is 0 bytes long")
        let inner = WireBytes().entry("h", "F", WireBytes().long(empty).bytes).bytes
        #expect(try refusal(of: WireBytes.header(table: inner)) == "a header name is 0 bytes long")
        let long = WireBytes().entry(String(repeating: "n", count: 129), "V").bytes
        #expect(try refusal(of: WireBytes.header(table: long)) == "a header name is 129 bytes long")
    }

    /// Such a name could not be sent on, to the retry ladder or the dead letters.
    @Test(arguments: [[0], [97, 0, 98], [0xFF], [97, 0xC3], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func namesThatCannotBeSentAreRefused(_ name: [UInt8]) throws {
        let table = [UInt8(name.count)] + name + [86]
        #expect(
            try refusal(of: WireBytes.header(table: table)) == "a header name that holds NUL or is not UTF-8")
        let good = WireBytes().entry("é🔑", "V").bytes
        #expect(try refusal(of: WireBytes.header(table: good)) == nil)
    }

    @Test func unknownKindsAreRefused() throws {
        let table = WireBytes().entry("h", "Z", [0]).bytes
        #expect(try refusal(of: WireBytes.header(table: table))?.contains("unknown kind 90") == true)
    }

    @Test(arguments: [
        WireBytes().short("h").bytes,  // no kind
        WireBytes([9, 104]).bytes,  // name longer than the table
        WireBytes().entry("h", "l", [1, 2]).bytes,  // value cut off
        WireBytes().entry("h", "S", WireBytes().int(UInt32.max).bytes).bytes,
        WireBytes().entry("h", "F", WireBytes().int(UInt32(50)).bytes).bytes,
        WireBytes().entry("h", "A", WireBytes().int(UInt32(3)).raw([73, 0, 0]).bytes).bytes,
    ])
    func lengthsThatLieAreRefused(_ table: [UInt8]) throws {
        #expect(try refusal(of: WireBytes.header(table: table))?.contains("longer or shorter") == true)
    }

    @Test func aTableLongerThanItsFrameIsRefused() throws {
        for size in [UInt32(1), 100, 16 << 10] {
            let frame = WireBytes.header(properties: WireBytes([0x20, 0x00]).int(size).bytes)
            #expect(try refusal(of: frame)?.contains("longer or shorter") == true)
        }
        #expect(try refusal(of: WireBytes.header(properties: [0x20, 0x00, 0, 0]))?.contains("longer") == true)
        #expect(try refusal(of: WireBytes.header(properties: [0xA0, 0x00])) == "truncated properties")
    }

    @Test func anArrayMayNotReachIntoItsNeighbour() throws {
        // The array says 2 bytes, but its first value is an 8-byte integer whose end lies in the next entry.
        let table = WireBytes().entry("a", "A", WireBytes().int(UInt32(2)).raw([108, 0]).bytes)
            .entry("b", "l", WireBytes().int(Int64(0)).bytes).bytes
        #expect(try refusal(of: WireBytes.header(table: table))?.contains("longer or shorter") == true)
    }

    @Test func theStreamGoesOnAfterARefusedHeader() throws {
        var reader = makeReader()
        reader.feed(
            WireBytes.header(table: WireBytes().entry("", "V").bytes)
                + WireBytes.method(60, 80, WireBytes().int(UInt64(7)).int(UInt8(0)).bytes))
        _ = try reader.next()
        guard case .method(1, let method) = try reader.next() else {
            Issue.record("no method")
            return
        }
        #expect(method == .basicAck(deliveryTag: 7, multiple: false))
    }
}
