import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import Testing

extension HarmedBrokerTests {
    @Test("that runs out of memory: the operator learns that, and only that, and soon")
    func operatorUnderAlarm() async throws {
        let broker = try await Self.broker.value
        let administration = try await BrokerAdministration.connect(
            options: ["mq_url": .string(broker.url)], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await broker.control("alarm", "on")
        let taken = await timed {
            do {
                let trial = try await administration.tryPermissions()
                #expect(trial.configure == nil && trial.read == nil)
                #expect(trial.write != nil && administration.blockedReason != nil)
            } catch {
                Issue.record(error)
            }
            await administration.close()
        }
        try await broker.control("alarm", "off")
        #expect(await taken < Pace.stretch(.seconds(5)))
    }
}
