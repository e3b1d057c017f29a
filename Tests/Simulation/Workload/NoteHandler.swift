import Logging
import MimiMessaging

/// Writes the log into the history, without the ids of messages: they come from the system's randomness, and the history
/// of a seed is the same each time.
struct NoteHandler: LogHandler {
    let scheduler: Scheduler
    let source: String
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(scheduler: Scheduler, source: String) {
        self.scheduler = scheduler
        self.source = source
        if scheduler.notes == nil { logLevel = .critical }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).filter { $0.key != LogKey.messageID }
        scheduler.note("\(source): \(event.level): \(event.message) \(metadata)")
    }
}
