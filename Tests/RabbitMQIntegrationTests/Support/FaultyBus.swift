import Foundation
import Logging
import MimiMessaging
import MimiMessagingTesting

/// A bus whose links a test can break: it reaches the broker through a proxy of its own.
struct FaultyBus {
    let bus: MessageBus
    let proxy: FaultProxy
    /// What it logs.
    let log: LogJournal

    /// - Parameters:
    ///   - options: What is to differ from ``TestBroker/bus(_:url:)``.
    ///   - url: The broker's.
    ///   - logLevel: What is kept of its log.
    init(
        _ options: [String: OptionValue] = [:], url: String = TestBroker.url, logLevel: Logger.Level = .debug
    ) throws {
        guard var parts = URLComponents(string: url), let port = parts.port else {
            throw TestBroker.Unavailable(description: "the broker's URL in the environment has no port")
        }
        proxy = try FaultProxy(upstreamPort: port)
        parts.host = "127.0.0.1"
        parts.port = proxy.port
        log = LogJournal(logLevel)
        bus = try TestBroker.bus(options, url: parts.string ?? url, logger: log.logger)
    }

    /// Stops the bus, and ends the proxy.
    func end() async {
        proxy.heal()
        await bus.stop()
        proxy.close()
    }
}

/// A log that a test can read, and wait for.
final class LogJournal: Sendable {
    private struct Handler: LogHandler {
        let lines: Journal<String>
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
            lines.note("\(event.level) \(event.message) \(all.map { "\($0.key)=\($0.value)" }.sorted())")
        }
    }

    private let lines = Journal<String>(limit: .seconds(30))
    private let level: Logger.Level

    init(_ level: Logger.Level = .debug) { self.level = level }

    var logger: Logger { Logger(label: "test") { [lines, level] _ in Handler(lines: lines, logLevel: level) } }

    /// The lines that hold a text.
    func lines(with text: String) -> [String] { lines.entries.filter { $0.contains(text) } }

    /// Waits until so many lines hold a text.
    func wait(for text: String, count: Int = 1) async throws {
        try await lines.wait { lines in lines.count { $0.contains(text) } >= count }
    }
}
