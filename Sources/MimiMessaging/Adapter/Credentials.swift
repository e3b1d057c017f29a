/// A user and a password for the bus. Every textual form of it is redacted.
public struct Credentials: Sendable {
    /// The user.
    public var username: String
    /// The password.
    public var password: String

    /// Creates credentials.
    /// - Parameters:
    ///   - username: The user.
    ///   - password: The password.
    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }

    public var debugDescription: String { description }

    /// Has no children, so that `dump` and loggers that reflect find nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Gives user and password when they are needed, for example from a vault that changes them.
///
/// It is asked before each attempt to connect, and has as long to answer as that attempt may take. What it throws counts as
/// an attempt that failed and is followed by the next one.
public typealias CredentialProvider = @Sendable () async throws -> Credentials
