/// How to log in. Every textual form of it is redacted.
package enum AMQPCredentials: Sendable {
    /// SASL `PLAIN`. Neither may hold NUL.
    case plain(username: String, password: String)
    /// SASL `EXTERNAL`: the broker takes the name from the client certificate.
    case external
}

extension AMQPCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .plain: "plain(<redacted>)"
        case .external: "external"
        }
    }

    package var debugDescription: String { description }

    /// Has no children, so that `dump` and loggers that reflect find nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
