// The code of MigratingFromRuby.md.

import MimiMessaging

struct UsersProcessor: RequestProcessor {
    let store: OrderStore

    func command(_ method: String, _ message: Message, context: MessageContext) async throws {
        switch method {
        case "lock": try await store.lock(message["id"])
        default: throw MessagingError.unknown(method: method, target: context.target)
        }
    }

    func query(_ method: String, _ message: Message, context: MessageContext) async throws -> Message {
        throw MessagingError.unknown(method: method, target: context.target)
    }
}
