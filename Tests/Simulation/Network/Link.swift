/// A simulated TCP connection between a client and the broker.
final class Link {
    /// Who notices that a link is cut; the other side only misses the heartbeats.
    enum Witness: CaseIterable {
        case both, client, broker
    }

    let number: Int
    let toBroker: Pipe
    let toClient: Pipe
    let transport: SimulatedTransport
    /// What the broker's side does when the link is gone.
    var onBrokerLoss: () -> Void = {}
    private(set) var isOpen = true
    private let scheduler: Scheduler

    init(number: Int, scheduler: Scheduler) {
        self.number = number
        self.scheduler = scheduler
        toBroker = Pipe(scheduler: scheduler)
        toClient = Pipe(scheduler: scheduler)
        transport = SimulatedTransport(outgoing: toBroker, scheduler: scheduler)
        toClient.onArrival = { [transport] in transport.receive($0) }
        toClient.onEnd = { [weak self] in self?.transport.lose(.finished) }
        toBroker.onEnd = { [weak self] in self?.onBrokerLoss() }
        toClient.onCut = { [weak self] in self?.cut(.both) }
        toBroker.onCut = { [weak self] in self?.cut(.both) }
    }

    /// Loses what is under way, in both directions.
    func cut(_ witness: Witness) {
        guard isOpen else { return }
        isOpen = false
        scheduler.note("link \(number) is cut, \(witness) know")
        toBroker.drop()
        toClient.drop()
        let ending: SimulatedTransport.Ending = scheduler.random.once(in: 2) ? .finished : .reset
        // Whoever does not notice gives up by himself: he hears nothing any more.
        if witness != .broker { transport.lose(ending) }
        if witness != .client { onBrokerLoss() }
    }

    /// Holds or lets go of both directions.
    func hold(_ isHeld: Bool) {
        toBroker.isHeld = isHeld
        toClient.isHeld = isHeld
    }
}
