import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

/// Which dead letters are meant. What is not given does not matter.
struct DeadLetterFilter: ParsableArguments {
    @Option(help: ArgumentHelp("Only those that failed with this code. Repeatable.", valueName: "code"))
    var error: [String] = []

    @Option(help: ArgumentHelp("Only those of this method or type of event. Repeatable.", valueName: "name"))
    var method: [String] = []

    @Option(help: ArgumentHelp("Only the message with this id. Repeatable.", valueName: "id"))
    var id: [String] = []

    @Option(help: ArgumentHelp("Only those whose error or body has this text in it.", valueName: "text"))
    var contains: String?

    @Option(
        help: ArgumentHelp(
            "Only those that failed last within so much time: 30m, 12h, 7d.", valueName: "time"),
        transform: DeadLetterFilter.seconds)
    var within: Int?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        guard (limit ?? 1) >= 1 else { throw ValidationError("--limit must be at least 1") }
    }

    /// Whether everything is meant.
    var isEmpty: Bool {
        error.isEmpty && method.isEmpty && id.isEmpty && contains == nil && within == nil && limit == nil
    }

    /// Whether a dead letter is meant, the limit aside.
    func matches(_ letter: DeadMessage, now: Date = .now) -> Bool {
        if !error.isEmpty, !error.contains(letter.errorCode) { return false }
        if !method.isEmpty, !method.contains(letter.method ?? "") { return false }
        if !id.isEmpty, !id.contains(letter.id ?? "") { return false }
        if let within {
            guard let failed = letter.lastFailedAt, now.timeIntervalSince1970 - Double(failed) <= Double(within) else {
                return false
            }
        }
        guard let contains, !contains.isEmpty else { return true }
        return letter.errorMessage.contains(contains)
            || String(decoding: letter.body, as: UTF8.self).contains(contains)
    }

    /// `90`, `90s`, `30m`, `12h`, `7d` in seconds.
    @Sendable static func seconds(_ text: String) throws -> Int {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = text.last.flatMap { units[$0] }
        let number = Int(unit == nil ? text[...] : text.dropLast())
        guard let number, (0...1_000_000).contains(number) else {
            throw ValidationError("'\(text)' is no time such as 30m, 12h or 7d")
        }
        return number * (unit ?? 1)
    }
}
