import MimiMessaging
import MimiMessagingRabbitMQ

/// Dead letters that failed in the same way.
struct DeadLetterGroup: Encodable, Equatable, Sendable {
    let error: String
    let method: String?
    private(set) var count: Int
    /// The failure of the last one in words.
    private(set) var message: String
    private(set) var firstFailedAt: Int?
    private(set) var lastFailedAt: Int?
    /// The id of the last one, for looking at it.
    private(set) var example: String?

    private enum CodingKeys: String, CodingKey {
        case error, method, count, message, example
        case firstFailedAt = "first_failed_at"
        case lastFailedAt = "last_failed_at"
    }

    fileprivate init(_ letter: DeadMessage) {
        error = letter.errorCode
        method = letter.method
        count = 0
        message = ""
        add(letter)
    }

    fileprivate mutating func add(_ letter: DeadMessage) {
        count += 1
        message = letter.errorMessage
        example = letter.id
        firstFailedAt = [firstFailedAt, letter.firstFailedAt].compactMap { $0 }.min()
        lastFailedAt = [lastFailedAt, letter.lastFailedAt].compactMap { $0 }.max()
    }
}

/// Dead letters by error and method.
struct DeadLetterGroups {
    private struct Key: Hashable {
        let error: String
        let method: String?
    }

    private var groups: [Key: DeadLetterGroup] = [:]

    mutating func add(_ letter: DeadMessage) {
        let key = Key(error: letter.errorCode, method: letter.method)
        if groups[key]?.add(letter) == nil { groups[key] = DeadLetterGroup(letter) }
    }

    /// The groups, the largest first.
    var sorted: [DeadLetterGroup] {
        groups.values.sorted { ($1.count, $0.error, $0.method ?? "") < ($0.count, $1.error, $1.method ?? "") }
    }
}
