import Logging

@testable import MimiMessaging

/// A log that a test can read.
final class LogRecorder: Sendable {
    struct Entry: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]

        /// All that the line says.
        var text: String { message + " " + metadata.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ") }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
            let entry = Entry(
                level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" })
            recorder.state.withLock { $0.append(entry) }
        }
    }

    private let state = Lock<[Entry]>([])

    var entries: [Entry] { state.withLock { $0 } }

    /// What somebody has to look at.
    var complaints: [Entry] { entries.filter { $0.level >= .warning } }

    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }
}
