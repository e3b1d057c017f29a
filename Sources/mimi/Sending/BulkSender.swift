import Foundation
import MimiMessaging

/// Sends one message or many: from the command line, again and again, or a line of standard input each.
struct BulkSender {
    let options: SendingOptions

    /// Sends all of them; the first that fails ends it.
    /// - Parameter send: Sends one. Up to `--concurrency` of them run at a time.
    /// - Returns: how many were sent, and how long that took.
    func run(
        _ send: @escaping @Sendable (Message) async throws -> Void
    ) async throws -> (sent: Int, elapsed: Duration) {
        let fixed = options.lines ? nil : try Body.message(options.body)
        var pacer = Pacer(rate: options.rate)
        var progress = Progress(
            "sending", total: options.lines ? nil : options.count, isShown: options.isBulk && Console.drawsProgress)
        defer { progress.end() }
        let start = ContinuousClock.now
        var given = 0
        var done = 0
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                var unusable: (any Error)?
                func next() -> Message? {
                    do { return try nextMessage(given, fixed) } catch {
                        unusable = error
                        return nil
                    }
                }
                while let message = next() {
                    if given - done >= options.concurrency {
                        try await group.next()
                        done += 1
                        progress.show(done)
                    }
                    try await pacer.turn()
                    given += 1
                    group.addTask { try await send(message) }
                }
                while try await group.next() != nil { done += 1 }
                // Only now: what was sent before it counts, so that one knows where to go on.
                if let unusable { throw unusable }
            }
        } catch {
            if options.isBulk { Console.note("\(done) were sent before this:") }
            throw error
        }
        return (done, start.duration(to: .now))
    }

    private func nextMessage(_ given: Int, _ fixed: Message?) throws -> Message? {
        if let fixed { return given < options.count ? fixed : nil }
        while let line = readLine(strippingNewline: true) {
            if line.allSatisfy(\.isWhitespace) { continue }
            do {
                return try Body.parse(Data(line.utf8))
            } catch {
                throw ToolError("line \(given + 1) of standard input: \(error.message)")
            }
        }
        return nil
    }
}

/// What was sent, for the user.
struct SendReport: Encodable {
    let target: String
    let sent: Int
    let seconds: Double

    /// `sent users/lock`, or with a count and a rate.
    var text: String {
        guard sent != 1 else { return "sent \(target)" }
        let rate = Units.decimal(Double(sent) / max(seconds, 0.000_001))
        return "sent \(sent) \(target) in \(Units.decimal(seconds)) s (\(rate)/s)"
    }
}
