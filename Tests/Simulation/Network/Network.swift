import Logging
import RabbitMQClient

/// Makes connections from hosts to the broker.
// Unchecked: a simulation has one thread.
final class Network: @unchecked Sendable {
    /// What becomes of attempts to connect.
    enum Reachability {
        case good
        /// Refused at once.
        case refusing
        /// Never answered.
        case silent
    }

    var reachability = Reachability.good
    /// How links are when they are made.
    var weather = Pipe.Weather()
    private let scheduler: Scheduler
    private let broker: Broker
    private let clock: VirtualClock
    private var count = 0

    init(broker: Broker, scheduler: Scheduler) {
        self.broker = broker
        self.scheduler = scheduler
        clock = VirtualClock(scheduler: scheduler)
    }

    /// Connects and logs in.
    func connect(
        _ configuration: AMQPConnectionConfiguration, _ logger: Logger, from host: Host
    ) async throws(AMQPError) -> AMQPConnection {
        try await pass(scheduler.random.milliseconds(0...20))
        if !host.isAlive || reachability == .silent {
            try await pass(configuration.connectTimeout)
            throw AMQPError(.connectFailed, "no answer in time")
        }
        guard broker.isUp, reachability == .good else { throw AMQPError(.connectFailed, "connection refused") }
        guard let endpoint = configuration.endpoints.first else { throw AMQPError(.connectFailed, "no endpoint") }
        count += 1
        let link = Link(number: count, scheduler: scheduler)
        link.toBroker.weather = weather
        link.toClient.weather = weather
        let driver = ConnectionDriver(transport: link.transport, scheduler: scheduler)
        let heartbeat = max(configuration.heartbeat, .seconds(1))
        let (connection, loop) = AMQPConnection.driven(
            EstablishedConnection(
                transport: link.transport, frameMax: 4096, channelMax: 64, heartbeat: heartbeat, serverProperties: [:],
                endpoint: endpoint),
            configuration: configuration, logger: logger, now: scheduler.instant,
            wakeUp: { driver.commandCame() })
        host.add(link, driver)
        scheduler.note("link \(count) is made: \(configuration.connectionName ?? "")")
        broker.accept(link, heartbeat: heartbeat)
        driver.start(loop)
        return connection
    }

    private func pass(_ duration: Duration) async throws(AMQPError) {
        do {
            try await clock.sleep(until: clock.now.advanced(by: duration))
        } catch {
            throw AMQPError(.closed, "opening the connection was cancelled")
        }
    }
}
