import Foundation
import MimiMessaging

/// Processes what comes to a queue, by a template or by a program.
struct Responder: RequestProcessor {
    /// How answers are made.
    enum Source: Sendable {
        case template(AnswerTemplate)
        case program(ProgramResponder)
        /// Every message fails with this.
        case failure(ProcessingError)
    }

    let source: Source
    /// Is told of each message that was processed.
    let served: @Sendable (ServedMessage) -> Void

    func command(_ method: String, _ message: Message, context: MessageContext) async throws {
        try await tell(context, message) { _ = try await respond(method, message, context) }
    }

    func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
        try await tell(context, message) {
            let answer = try await respond(method, message, context)
            return Message(answer)
        }
    }

    private func respond(
        _ method: String, _ message: Message, _ context: MessageContext
    ) async throws -> [String: MessageValue] {
        switch source {
        case .failure(let error): throw error
        case .template(let template):
            return template.answer(
                to: try message.values(),
                context: [
                    "method": .string(method), "id": .string(context.messageID), "attempt": .integer(context.attempt),
                ])
        case .program(let program):
            let output = try await program.run(
                body: try JSONOutput.line(message.values()),
                variables: [
                    "MIMI_KIND": context.kind.rawValue, "MIMI_METHOD": method, "MIMI_TARGET": context.target,
                    "MIMI_MESSAGE_ID": context.messageID, "MIMI_ATTEMPT": String(context.attempt),
                ])
            guard context.kind == .query else { return [:] }
            do {
                return try Body.parse(Data(output)).values()
            } catch {
                throw ProcessingError(
                    code: "program_failed", message: "the program did not write a JSON object: \(error.message)")
            }
        }
    }

    private func tell<Result>(
        _ context: MessageContext, _ message: Message, _ work: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await work()
            served(ServedMessage(context, message, error: nil))
            return result
        } catch {
            served(ServedMessage(context, message, error: "\(error)"))
            throw error
        }
    }
}

/// A message that was processed, as it is shown.
struct ServedMessage: Encodable, Sendable {
    let target: String
    let kind: String
    let id: String
    let attempt: Int
    let body: [String: MessageValue]?
    let error: String?

    init(_ context: MessageContext, _ message: Message, error: String?) {
        target = context.target
        kind = context.kind.rawValue
        id = context.messageID
        attempt = context.attempt
        body = try? message.values()
        self.error = error
    }

    /// One line for people.
    var text: String {
        let content = body.flatMap { try? JSONOutput.line($0) } ?? "(unreadable body)"
        let outcome = error.map { Style.red("  failed: \($0.printable)") } ?? ""
        return "\(kind)  \(Style.cyan(target.printable))  \(content)\(outcome)"
    }
}
