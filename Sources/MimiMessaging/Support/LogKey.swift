package import Logging

/// The metadata keys of this layer's log lines. The documentation has a table of them.
package enum LogKey {
    /// The target: `queue/method` or `topic#type`.
    package static let target = "messaging.target"
    /// The identity of the message.
    package static let messageID = "messaging.message.id"
    /// Which attempt it is, from 1.
    package static let attempt = "messaging.attempt"
    /// The kind of failure in one word.
    package static let errorCode = "error.code"
    /// The error in full.
    package static let error = "error"
    /// How many lines like this one were left out since the last one.
    package static let suppressed = "log.suppressed"
}

extension Logger {
    package func warning(_ message: Logger.Message, error: any Error) {
        warning(message, metadata: [LogKey.error: "\(error)"])
    }

    package func error(_ message: Logger.Message, error: any Error) {
        self.error(message, metadata: [LogKey.error: "\(error)"])
    }
}
