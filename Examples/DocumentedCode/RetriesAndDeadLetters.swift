// The code of RetriesAndDeadLetters.md.

import MimiMessaging

enum GatewayError: Error {
    case busy
    case cardRefused
}

struct Gateway: Sendable {
    func charge(_ order: Int) async throws {}
}

func failures(bus: MessageBus, gateway: Gateway) async throws {
    try await bus.requests("payments") { payments in
        payments.command("charge") { message, context in
            do {
                try await gateway.charge(message["order"])
            } catch GatewayError.busy {
                // Later, as often as it takes; not a failure, nothing is logged.
                throw NACK()
            } catch GatewayError.cardRefused {
                // Trying again cannot help: a dead letter at once.
                throw ProcessingError(code: "card_refused", message: "the card was refused", isFinal: true)
            }
            // Any other error: up the ladder.
        }
    }
}
