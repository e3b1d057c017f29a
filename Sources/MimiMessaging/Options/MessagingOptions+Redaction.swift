/// Shows which options are given, and never what they are: some of them are secrets.
extension MessagingOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "MessagingOptions(\(keys.joined(separator: ", ")))" }

    public var debugDescription: String { description }

    /// Has no children, so that `dump` and loggers that reflect find nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
