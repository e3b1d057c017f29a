import Foundation
import Testing

@testable import MimiMessaging

/// What a hostile body may cost: time that grows with its bytes and no faster, and less than 50 ms for 64 kB.
///
/// Time is that of the processor in this thread, so that it does not matter what else the machine does.
@Suite struct JSONCostTests {
    /// A body of about so many bytes, whose reading is as tedious as can be.
    struct Body: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: @Sendable (Int) -> String

        init(_ name: String, text: @escaping @Sendable (Int) -> String) { (testDescription, self.text) = (name, text) }

        /// `{"a":[element,element,…]}`, and another end if that is wanted.
        init(_ name: String, each element: String, end: String = "]}") {
            self.init(name) { size in
                let elements = Array(repeating: element, count: size / (element.utf8.count + 1))
                return "{\"a\":[" + elements.joined(separator: ",") + end
            }
        }
    }

    private struct Free: Decodable { var a: MessageValue }
    private struct FreeMembers: Decodable { var a: [MessageValue] }
    private struct Nothing: Decodable {}

    /// As deep as an array may be in the value of a member.
    private static let deep = String(repeating: "[", count: 62) + String(repeating: "]", count: 62)

    /// Accents that have to change places, in pairs, before the letter can be compared with another.
    private static func accents(_ count: Int) -> String { String(repeating: "\u{315}\u{300}", count: count / 2) }

    static let refused = [
        Body("nested arrays") { "{\"a\":" + String(repeating: "[", count: $0) },
        Body("nested arrays, closed") {
            "{\"a\":" + String(repeating: "[", count: $0 / 2) + String(repeating: "]", count: $0 / 2) + "}"
        },
        Body("nested objects") { String(repeating: "{\"a\":", count: $0 / 5) },
        Body("too deep at the end", each: deep, end: "," + deep + "[" + deep + "]]}"),
        Body("deep objects without an end", each: String(repeating: "{\"a\":", count: 62), end: ""),
        Body("a text without an end") { "{\"a\":\"" + String(repeating: "x", count: $0) },
        Body("escapes that end in half a pair") {
            "{\"a\":\"" + String(repeating: #"\ud83d\ude00"#, count: $0 / 12) + #"\ud83d"}"#
        },
        Body("a name of accents in the wrong order") { "{\"a\":{\"x\(accents($0 / 2))\":1}}" },
        Body("a text of escaped accents") {
            "{\"a\":\"x" + String(repeating: #"\u0315\u0300"#, count: $0 / 12) + "\"}"
        },
        Body("a number of too many digits") { "{\"a\":" + String(repeating: "7", count: $0) + "}" },
    ]

    static let read = [
        Body("numbers", each: "7"),
        Body("fractions", each: "-1.5e-300"),
        Body("words", each: "null"),
        Body("texts", each: #""a""#),
        Body("escapes", each: #""\ud83d\ude00\n""#),
        Body("empty arrays", each: "[]"),
        Body("deep arrays", each: deep),
        Body("deep objects", each: String(repeating: "{\"a\":", count: 62) + "1" + String(repeating: "}", count: 62)),
        Body("members") { size in
            "{\"a\":{" + (0..<size / 10).map { "\"\($0 + 100_000)\":1" }.joined(separator: ",") + "}}"
        },
        Body("one member many times") { size in
            "{\"a\":{" + Array(repeating: "\"b\":1", count: size / 6).joined(separator: ",") + "}}"
        },
        Body("names of accents in the wrong order", each: "{\"x\(accents(500))\":\"\"}"),
        Body("white space") { "{\"a\":" + String(repeating: " ", count: $0) + "1}" },
        Body("a number of many digits") { "{\"a\":0." + String(repeating: "7", count: $0) + "}" },
    ]

    @Test(arguments: refused) func whatIsRefusedIsRefusedCheaply(body: Body) throws {
        try check(body, [String: MessageValue].self, isRefused: true)
        try check(body, Free.self, isRefused: true)
    }

    @Test(arguments: read) func whatIsWideIsReadCheaply(body: Body) throws {
        try check(body, [String: MessageValue].self)
        try check(body, Free.self)
        try check(body, Nothing.self)
    }

    /// Values of free form that are many, and each has its own place: a decoder makes something of its own for each, which
    /// takes a microsecond where nothing is optimised.
    @Test func manyFreeValuesInAType() throws {
        for body in Self.read.prefix(8) { try check(body, FreeMembers.self, limit: .milliseconds(200)) }
    }

    private func check<Value: Decodable>(
        _ body: Body, _ type: Value.Type, isRefused: Bool = false, limit: Duration = .milliseconds(50)
    ) throws {
        let (small, large) = (Array(body.text(4 << 10).utf8), Array(body.text(64 << 10).utf8))
        let before = try cost(small, type, isRefused)
        let after = try cost(large, type, isRefused)
        // Quadratic time would be 256 times as much. What takes microseconds only cannot be compared.
        #expect(after < max(before * 64, .milliseconds(1)), "\(body.testDescription) into \(type)")
        if !Sanitizer.isActive { #expect(after < limit, "\(body.testDescription) into \(type)") }
    }

    /// The processor's time for reading a body, the best of several.
    private func cost<Value: Decodable>(_ bytes: [UInt8], _ type: Value.Type, _ isRefused: Bool) throws -> Duration {
        let serializer = JSONMessageSerializer()
        var best = Duration.seconds(60)
        for _ in 0..<9 {
            let start = Self.processorTime()
            let value = try? serializer.decode(type, from: bytes)
            best = min(best, Self.processorTime() - start)
            #expect((value == nil) == isRefused)
        }
        return best
    }

    private static func processorTime() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// Whether the tests run under a sanitizer, where each access to memory costs ten times as much.
private enum Sanitizer {
    static let isActive = ["__tsan_init", "__asan_init"].contains { (name: String) in
        unsafe dlsym(dlopen(nil, RTLD_NOW), name) != nil
    }
}
