package import Logging

/// Writes at most one line of each kind a second. The next line says how many were left out; with the log level `debug`
/// all of them are written, at that level.
package final class LimitedLog<Kind: Hashable & Sendable>: Sendable {
    private let clock: MessagingClock
    private let limits = Lock<[Kind: LogLimit]>([:])

    /// - Parameter clock: The clock that a second is told by.
    package init(clock: MessagingClock) { self.clock = clock }

    /// Writes a line, if it may.
    /// - Parameters:
    ///   - kind: What is limited as one.
    ///   - level: The level of the line.
    ///   - message: What happened.
    ///   - metadata: What belongs to it.
    ///   - logger: Where to write.
    package func log(
        _ kind: Kind, _ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata, to logger: Logger
    ) {
        let suppressed = limits.withLock { $0[kind, default: LogLimit()].permit(at: clock.now) }
        guard let suppressed else { return logger.debug(message, metadata: metadata) }
        var metadata = metadata
        if suppressed > 0 { metadata[LogKey.suppressed] = "\(suppressed)" }
        logger.log(level: level, message, metadata: metadata)
    }
}
