// The code of DeliveryGuarantees.md.

import MimiMessaging

func idempotent(bus: MessageBus, store: OrderStore) async throws {
    try await bus.requests("orders") { orders in
        orders.command("place") { message, context in
            // One transaction: the order, and that this message is done.
            guard try await !store.hasSeen(context.messageID) else { return }
            try await store.place(id: message["id"], item: message["item"])
        }
    }
}

func retries(bus: MessageBus, billing: Billing) async throws {
    let options = ProcessorOptions(
        concurrency: 4, retryPolicy: .exponential(from: .seconds(2), factor: 3, to: .seconds(120), attempts: 6))

    try await bus.requests("billing", options: options) { requests in
        requests.command("charge") { message, context in
            // Not now: delivered again after the retry delay, nothing is logged, never given up.
            if billing.isOverloaded { throw NACK() }

            // Never: dead-lettered at once. Any other error goes up the retry ladder.
            guard let amount = message["amount"]?.integer, amount > 0 else {
                throw ProcessingError(code: "bad_amount", message: "an amount must be positive", isFinal: true)
            }

            try await billing.charge(message)
        }
    }
}
