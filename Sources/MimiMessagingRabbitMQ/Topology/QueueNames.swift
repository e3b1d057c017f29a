/// The names of what belongs to a queue on the broker.
package enum QueueNames {
    private static let retryMark = ".retry."

    /// The queue of its dead letters, and the exchange that leads there: `orders.dead`.
    package static func deadLetters(of queue: String) -> String { queue + ".dead" }

    /// The queue in which its messages wait for so many milliseconds: `orders.retry.1000`.
    static func retry(of queue: String, after milliseconds: Int64) -> String { "\(queue)\(retryMark)\(milliseconds)" }

    /// The queue whose messages wait in this one: `orders` for `orders.retry.1000`; nil for any other name.
    package static func retriedQueue(of name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 2, parts[parts.count - 2] == "retry", Int64(parts[parts.count - 1]) != nil else {
            return nil
        }
        return parts.dropLast(2).joined(separator: ".")
    }
}
