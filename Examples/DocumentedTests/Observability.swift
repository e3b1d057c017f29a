// The code of Observability.md.

import Metrics
import MetricsTestKit
import MimiMessaging
import MimiMessagingTesting
import Testing

@Test func aServiceIsMeasured() async throws {
    let metrics = TestMetrics()
    let bus = try withMetricsFactory(metrics) { try MessageBus(options: ["mq_adapter": "memory"]) }

    try await withMessageBus(bus) { bus in try await bus.event("users#locked") }

    let sent = metrics.counters(label: "messaging.client.sent.messages")
    #expect(sent.map(\.totalValue).reduce(0, +) == 1)
}
