import Configuration
import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// A bus with the options that the environment gives: MQ_ADAPTER, MQ_URL, MQ_CONCURRENCY and so on.
func messageBus(logger: Logger) throws -> MessageBus {
    try MessageBus(
        config: ConfigReader(provider: EnvironmentVariablesProvider()),
        adapters: [RabbitMQAdapter.self],
        logger: logger)
}

/// Logs go to standard error, from LOG_LEVEL on.
func serviceLogger() -> Logger {
    var logger = Logger(label: "reports") { StreamLogHandler.standardError(label: $0) }
    let level = ProcessInfo.processInfo.environment["LOG_LEVEL"]
    logger.logLevel = level.flatMap(Logger.Level.init(rawValue:)) ?? .info
    return logger
}

/// Prints a line at once: `print` would keep it back while the output is a file.
func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}
