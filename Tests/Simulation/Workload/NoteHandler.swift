import Logging

/// Writes the log into the history.
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
        scheduler.note("\(source): \(event.level): \(event.message) \(event.metadata ?? [:])")
    }
}
