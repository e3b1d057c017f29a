import ArgumentParser
import MimiMessaging

struct Listen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the events of a topic as they come, without disturbing anyone.",
        discussion: """
            Without --queue it hears what is published while it runs, and leaves nothing behind. With --queue events wait \
            for it between its runs, and it shares them with whoever listens with the same queue; that queue stays until \
            somebody deletes it, and fills while nobody listens.

              mimi listen users
              mimi listen users --count 1 --json | jq .body.id
            """)

    @Argument(help: "The topic: users.")
    var topic: String

    @Option(help: ArgumentHelp("A queue in which events wait for this listener.", valueName: "name"))
    var queue: String?

    @Option(help: ArgumentHelp("Show only events of this type. Repeatable.", valueName: "type"))
    var type: [String] = []

    @Option(help: ArgumentHelp("End after so many events.", valueName: "n"))
    var count: Int?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (count ?? 1) >= 1 else { throw ValidationError("--count must be at least 1") }
    }

    func run() async throws {
        let heard = AsyncStream.makeStream(of: HeardEvent.self)
        let types = Set(type)
        do {
            try await connection.withBus { [topic, queue, count] bus in
                let tap = EventTap(types: types, wanted: Lock(count), heard: heard.continuation)
                // One at a time, so that they are shown in their order.
                try await bus.register(tap, topic: topic, queue: queue, options: ProcessorOptions(concurrency: 1))
            } _: { [topic, count, output] _ in
                if Console.drawsProgress { Console.note(Style.dim("listening to \(topic); Ctrl-C ends it")) }
                var shown = 0
                for await event in heard.stream {
                    try output.show(event) { Console.line(event.text) }
                    shown += 1
                    if shown == count { return }
                }
                try Task.checkCancellation()
            }
        } catch is Interruption where count == nil {
            // The way in which this ends.
        }
    }
}

/// Passes events on to whoever shows them.
private struct EventTap: EventProcessor {
    let types: Set<String>
    /// How many are still wanted; nil for all.
    let wanted: Lock<Int?>
    let heard: AsyncStream<HeardEvent>.Continuation

    func event(_ type: String, _ message: Message, context: MessageContext) async throws {
        guard types.isEmpty || types.contains(type) else { return }
        let isWanted = wanted.withLock { wanted in
            defer { wanted = wanted.map { $0 - 1 } }
            return (wanted ?? 1) > 0
        }
        // What would not be shown stays in the queue for the next listener.
        guard isWanted else { throw NACK() }
        heard.yield(HeardEvent(message, context))
    }
}

/// An event as it is shown.
struct HeardEvent: Encodable, Sendable {
    let target: String
    let id: String
    let sentAt: Int?
    let appID: String?
    let headers: [String: String]
    let body: [String: MessageValue]?
    let bodyError: String?

    private enum CodingKeys: String, CodingKey {
        case target, id, headers, body
        case sentAt = "sent_at"
        case appID = "app_id"
        case bodyError = "body_error"
    }

    init(_ message: Message, _ context: MessageContext) {
        target = context.target
        id = context.messageID
        sentAt = context.sentAt
        appID = context.senderAppID
        headers = Dictionary(uniqueKeysWithValues: context.headers.map { ($0.key, $0.value) })
        do {
            body = try message.values()
            bodyError = nil
        } catch {
            body = nil
            bodyError = error.message
        }
    }

    /// One line for people.
    var text: String {
        let time = Style.dim(Units.time(sentAt))
        let content = body.flatMap { try? JSONOutput.line($0) } ?? "(\(bodyError ?? "no body"))"
        let sender = appID.map { Style.dim("  from \($0.printable)") } ?? ""
        return "\(time)  \(Style.cyan(target.printable))  \(content)\(sender)"
    }
}
