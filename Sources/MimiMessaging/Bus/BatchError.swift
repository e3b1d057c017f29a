/// Some messages of a batch could not be sent. The bus has taken the others.
public struct BatchError: Error, Sendable, CustomStringConvertible {
    /// Why each of them failed, by its position in the batch.
    public let failures: [Int: MessagingError]
    /// How many messages the batch had.
    public let count: Int

    /// Creates an error, for example in an adapter of a test.
    /// - Parameters:
    ///   - failures: Why messages failed, by their position; at least one.
    ///   - count: How many messages the batch had.
    public init(failures: [Int: MessagingError], count: Int) {
        self.failures = failures
        self.count = count
    }

    public var description: String {
        let first = failures.min { $0.key < $1.key }
        let example = first.map { "; the first at position \($0.key): \($0.value)" } ?? ""
        return "\(failures.count) of \(count) messages failed\(example)"
    }
}
