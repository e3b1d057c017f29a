package import Logging

/// The metadata keys of this layer's log lines.
package enum LogKey {
    package static let target = "messaging.target"
    package static let messageID = "messaging.message.id"
    package static let attempt = "messaging.attempt"
    package static let errorCode = "error.code"
    package static let error = "error"
}

extension Logger {
    package func warning(_ message: Logger.Message, error: any Error) {
        warning(message, metadata: [LogKey.error: "\(error)"])
    }

    package func error(_ message: Logger.Message, error: any Error) {
        self.error(message, metadata: [LogKey.error: "\(error)"])
    }
}
