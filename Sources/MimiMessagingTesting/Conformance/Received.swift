import MimiMessaging

/// What a processor of the suite was given.
struct Received: Sendable {
    /// The name that the case gave the processor.
    let processor: String
    let kind: MessageKind
    let method: String
    let message: Message
    let context: MessageContext
    let time: ContinuousClock.Instant

    /// The number that cases tell messages apart by.
    var number: Int? { message["n"]?.integer }
}

/// Notes what it gets, then does what the case wants.
struct NotingProcessor: RequestProcessor, EventProcessor {
    typealias Action = @Sendable (Received) async throws -> Void
    typealias Answer = @Sendable (Received) async throws -> Message

    let name: String
    let journal: Journal<Received>
    var action: Action = { _ in }
    var answer: Answer = { $0.message }

    func command(_ method: String, _ message: Message, context: MessageContext) async throws {
        try await action(note(method, message, context))
    }

    func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
        try await answer(note(method, message, context))
    }

    func event(_ type: String, _ message: Message, context: MessageContext) async throws {
        try await action(note(type, message, context))
    }

    private func note(_ method: String, _ message: Message, _ context: MessageContext) -> Received {
        let received = Received(
            processor: name, kind: context.kind, method: method, message: message, context: context, time: .now)
        journal.note(received)
        return received
    }
}

extension [Received] {
    var numbers: [Int] { compactMap(\.number) }
    var methods: [String] { map(\.method) }
    var attempts: [Int] { map(\.context.attempt) }
    var ids: Set<String> { Set(map(\.context.messageID)) }
    var processors: Set<String> { Set(map(\.processor)) }

    /// The entries of one method.
    func of(_ method: String) -> [Received] { filter { $0.method == method } }
}
