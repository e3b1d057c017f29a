import MimiMessaging

/// Services and a broker, and what happens to them in the course of one seed.
// Unchecked: a simulation has one thread.
final class World: @unchecked Sendable {
    let scheduler: Scheduler
    let broker: Broker
    let network: Network
    let ledger: Ledger
    private(set) var services: [Service] = []
    /// How many will take the place of dead ones soon.
    private(set) var comingServices = 0
    private var dead: [Service] = []
    private let settings: Service.Settings
    private let clock: VirtualClock
    private var calls: [(letter: Letter, service: Service, task: Task<Void, Never>)] = []
    private var cancelled: [Int: Duration] = [:]
    private var serviceCount = 0

    init(seed: UInt64, keepsNotes: Bool) {
        scheduler = Scheduler(seed: seed, keepsNotes: keepsNotes)
        unsafe GlobalExecutor.scheduler = scheduler
        broker = Broker(scheduler: scheduler)
        network = Network(broker: broker, scheduler: scheduler)
        ledger = Ledger(scheduler: scheduler)
        clock = VirtualClock(scheduler: scheduler)
        settings = Service.Settings(random: &scheduler.random)
        broker.observer = Broker.Observer(
            lost: { [ledger] id, queue in
                guard let own = ledger.entries[id]?.letter.queue else { return }
                if queue == own || queue.hasPrefix(own + ".") { ledger.excuse(id) }
            },
            routed: { [ledger] id, address, queues in
                if address.exchange == "users", !queues.contains("billing") { ledger.excuse(id) }
            },
            delivered: { [ledger] in ledger.delivered($0, from: $1) }, mistake: { [ledger] in ledger.violate($0) })
    }

    /// The links that are open.
    var links: [Link] { services.flatMap(\.host.openLinks) }

    /// The links that bytes can still travel over, those too whose client has closed its end: what it wrote before may
    /// be under way.
    var uncutLinks: [Link] { everybody.flatMap(\.host.links).filter(\.isOpen) }

    /// All services, those that have died too.
    var everybody: [Service] { services + dead }

    // MARK: Services

    func addService() {
        serviceCount += 1
        do {
            let service = try Service(
                number: serviceCount, settings: settings, network: network, ledger: ledger, scheduler: scheduler)
            services.append(service)
            Task { await service.start() }
        } catch {
            ledger.violate("a service cannot be made: \(error)")
        }
    }

    func restartService() {
        guard let service = scheduler.random.pick(services.filter(\.isStarted)) else { return }
        Task { await service.restart() }
    }

    func killService() {
        guard let service = scheduler.random.pick(services) else { return }
        services.removeAll { $0 === service }
        dead.append(service)
        service.kill()
        for call in openCalls where call.service === service { ledger.ended(call.letter, .unknown) }
        comingServices += 1
        scheduler.after(scheduler.random.milliseconds(0...3000)) { [self] in
            comingServices -= 1
            addService()
        }
    }

    // MARK: Calls

    /// Sends a letter after a while, from any service.
    func send(_ letter: Letter, after delay: Duration) {
        scheduler.after(delay) { [self] in
            guard let service = scheduler.random.pick(services) else { return send(letter, after: .milliseconds(100)) }
            send(letter, from: service)
        }
    }

    func send(_ letter: Letter, from service: Service) {
        ledger.sent(letter)
        calls.append((letter, service, Task { await call(letter, from: service) }))
    }

    /// Cancels one of the calls under way.
    func cancelCall() {
        guard let call = scheduler.random.pick(openCalls) else { return }
        if cancelled[call.letter.id] == nil { cancelled[call.letter.id] = scheduler.now }
        scheduler.note("\(call.letter.id) is cancelled")
        call.task.cancel()
    }

    private var openCalls: [(letter: Letter, service: Service, task: Task<Void, Never>)] {
        calls.filter { ledger.entries[$0.letter.id]?.outcome == nil }
    }

    private func call(_ letter: Letter, from service: Service) async {
        let start = scheduler.now
        let outcome: Ledger.Outcome
        do {
            try await transmit(letter, from: service)
            outcome = .accepted
        } catch {
            outcome = Ledger.outcome(of: error, for: letter)
            let isExpected = [.poison, .stumbles, .forwards].contains(letter.fate)
            if (error as? MessagingError)?.code == .remote, !isExpected {
                ledger.violate("\(letter.id) failed remotely: \(error)")
            }
        }
        // What a dead process was told does not count.
        guard service.host.isAlive else { return }
        let patience = Duration.milliseconds(500)
        if scheduler.now - start > letter.timeout + patience {
            ledger.violate("call \(letter.id) took \(scheduler.now - start) of \(letter.timeout): \(outcome)")
        }
        if let moment = cancelled[letter.id], scheduler.now - moment > patience {
            ledger.violate("call \(letter.id) went on for \(scheduler.now - moment) after its cancellation")
        }
        ledger.ended(letter, outcome)
    }

    private func transmit(_ letter: Letter, from service: Service) async throws {
        guard let bus = service.bus else { throw CancellationError() }
        switch letter.kind {
        case .command:
            try await bus.command("orders/do", [:], headers: letter.headers, timeout: letter.timeout)
        case .event:
            try await bus.event("users#happened", [:], headers: letter.headers, timeout: letter.timeout)
        case .query:
            let reply = try await bus.query("orders/ask", [:], headers: letter.headers, timeout: letter.timeout)
            guard reply["n"]?.string == "\(letter.id)" else {
                return ledger.violate("query \(letter.id) got the reply of \(reply["n"] ?? .null)")
            }
        }
    }
}
