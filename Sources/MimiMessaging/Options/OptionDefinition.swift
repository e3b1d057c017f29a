/// An option that a bus or an adapter knows.
public struct OptionDefinition: Hashable, Sendable {
    /// The key, for example `mq_host`.
    public let key: String
    /// Whether the value must never be shown.
    public let isSecret: Bool
    /// What it does, with its unit and default, in one line.
    public let summary: String

    /// Defines an option. Its key begins with `mq_`.
    public init(_ key: String, isSecret: Bool = false, _ summary: String) {
        self.key = key
        self.isSecret = isSecret
        self.summary = summary
    }
}
