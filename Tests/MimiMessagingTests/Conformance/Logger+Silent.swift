import Logging

extension Logger {
    /// For tests in which failures are wanted.
    static let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
}
