/// What happens to a ``World``, from its beginning to its end, and what must be true of it.
struct Course {
    /// What one seed gave.
    struct Result {
        let violations: [String]
        let digest: UInt64
        let notes: [String]
        let accepted: Int
        let processed: Int
        let duplicates: Int
        let faults: Int
        let steps: Int
    }

    /// How long after the last fault everything has to be as it should.
    private static let recovery = Duration.seconds(30)

    private let world: World
    private let nemesis: Nemesis
    private var scheduler: Scheduler { world.scheduler }
    private var ledger: Ledger { world.ledger }

    static func run(seed: UInt64, keepsNotes: Bool = false) -> Result {
        let world = World(seed: seed, keepsNotes: keepsNotes)
        let nemesis = Nemesis(world: world)
        let course = Course(world: world, nemesis: nemesis)
        course.run()
        let entries = world.ledger.entries.values
        return Result(
            violations: world.ledger.violations, digest: world.scheduler.digest, notes: world.scheduler.notes ?? [],
            accepted: entries.count { $0.outcome == .accepted }, processed: entries.count { $0.processed > 0 },
            duplicates: world.ledger.duplicates, faults: nemesis.count, steps: world.scheduler.steps)
    }

    private func run() {
        begin()
        suffer()
        recover()
        check()
        probe()
        end()
    }

    /// Services start while all is well, so that there is somebody to send to.
    private func begin() {
        for _ in 0..<scheduler.random.number(1...2) { world.addService() }
        if !scheduler.run(until: scheduler.now + .seconds(20), or: { world.services.allSatisfy(\.isStarted) }) {
            ledger.violate("the services do not start")
        }
    }

    private func suffer() {
        let length = scheduler.random.milliseconds(2000...25_000)
        for id in 1...scheduler.random.number(20...50) {
            let letter = Letter(id: id, random: &scheduler.random)
            world.send(letter, after: scheduler.random.milliseconds(0...Int(length / .milliseconds(1))))
        }
        nemesis.start()
        scheduler.run(until: scheduler.now + length)
        nemesis.stop()
    }

    private func recover() {
        if !runUntil(within: Self.recovery, { restlessness.isEmpty }) {
            ledger.violate("no rest after the last fault: \(restlessness.joined(separator: "; "))")
        }
    }

    /// After the faults everything works at once, and everybody hears.
    private func probe() {
        let faultFree = ledger.violations.isEmpty
        guard faultFree else { return }
        var probes: [Letter] = []
        for service in world.services {
            for kind in Letter.Kind.allCases {
                let letter = Letter(probe: 1000 + probes.count, kind: kind)
                probes.append(letter)
                world.send(letter, from: service)
            }
        }
        _ = runUntil(within: .seconds(6)) { ledger.isSettled && restlessness.isEmpty }
        for letter in probes {
            guard let entry = ledger.entries[letter.id] else { continue }
            if entry.outcome != .accepted || entry.processed != 1 {
                let outcome = entry.outcome.map { "\($0)" } ?? "no end"
                ledger.violate("the probe \(letter.id): \(outcome), processed \(entry.processed) times")
            }
            for service in world.services where letter.kind == .event && !service.heard.contains(letter.id) {
                ledger.violate("service \(service.number) did not hear the probe \(letter.id)")
            }
        }
    }

    /// All stop, and nothing is left of them.
    private func end() {
        let everybody = world.everybody
        for service in everybody {
            if !service.host.isAlive { service.host.bury() }
            Task {
                await service.stop()
                service.release()
            }
        }
        if !runUntil(within: .seconds(90), { everybody.allSatisfy { $0.bus == nil } }) {
            return ledger.violate("\(everybody.count { $0.bus != nil }) services do not stop")
        }
        scheduler.run(until: scheduler.now + .seconds(30))
        for service in everybody {
            if service.host.drivers.contains(where: { !$0.hasFinished }) {
                ledger.violate("service \(service.number) leaves a connection")
            }
            if service.isHeld { ledger.violate("something waits for ever in service \(service.number)") }
        }
        if !world.broker.sessions.isEmpty {
            ledger.violate("the broker has \(world.broker.sessions.count) connections")
        }
    }

    /// Runs on, looking from time to time.
    private func runUntil(within limit: Duration, _ isOver: () -> Bool) -> Bool {
        let end = scheduler.now + limit
        while scheduler.now < end {
            if isOver() { return true }
            scheduler.run(until: min(end, scheduler.now + .milliseconds(50)))
        }
        return isOver()
    }

    // MARK: What must be true

    /// What is not yet as it is when nothing happens.
    private var restlessness: [String] {
        var reasons: [String] = []
        if !ledger.isSettled { reasons.append("calls wait") }
        for service in world.services where service.running > 0 { reasons.append("\(service.running) handlers run") }
        if world.comingServices > 0 { reasons.append("\(world.comingServices) services are to come") }
        for service in world.services where !service.isStarted { reasons.append("service \(service.number) is down") }
        // Nobody may be left on a link that is gone without his having noticed.
        for service in world.services where service.host.openLinks.count != 2 {
            reasons.append("service \(service.number) has \(service.host.openLinks.count) links")
        }
        let queues = world.broker.sortedQueues
        for queue in queues where !queue.ready.isEmpty && !queue.name.hasSuffix(".dead") {
            reasons.append("\(queue.ready.count) messages in \(queue.name)")
        }
        for name in ["orders", "billing"] {
            let count = world.broker.queues[name]?.consumers.count ?? 0
            if count != world.services.count { reasons.append("\(count) consumers of \(name)") }
        }
        let listeners = queues.count {
            $0.declaration.isExclusive && !$0.consumers.isEmpty && !$0.name.hasPrefix("mimi.reply.")
        }
        if listeners != world.services.count { reasons.append("\(listeners) listeners") }
        for session in world.broker.sessions {
            let channels = session.sortedChannels
            if channels.contains(where: { !$0.unacked.isEmpty }) { reasons.append("deliveries without a verdict") }
            // Its client is to hear of that, and to open another. Until then it loses what it asks for over this one.
            if channels.contains(where: \.hasLostConsumer) { reasons.append("a channel without its consumer") }
            if channels.count > 3 { reasons.append("\(channels.count) channels on one connection") }
        }
        if world.broker.sessions.count > 2 * world.services.count {
            reasons.append("\(world.broker.sessions.count) connections")
        }
        return reasons
    }

    private func check() {
        var dead: [Int: Int] = [:]
        for queue in ["orders", "billing"] {
            for message in world.broker.queues[queue + ".dead"]?.ready ?? [] { dead[message.id ?? 0, default: 0] += 1 }
        }
        for entry in ledger.sorted where entry.letter.kind != .query || dead[entry.letter.id] != nil {
            check(entry, deadLetters: dead[entry.letter.id] ?? 0)
        }
        if nemesis.isPeaceful, ledger.duplicates > 0 { ledger.violate("duplicates without a fault") }
    }

    private func check(_ entry: Ledger.Entry, deadLetters: Int) {
        let letter = entry.letter
        if nemesis.isPeaceful, entry.outcome != .accepted || deadLetters > 1 {
            ledger.violate("\(letter.id) without a fault: \(entry), \(deadLetters) dead letters")
        }
        guard !entry.isExcused else { return }
        // What cannot be forwarded while faults last is given up in the end.
        if deadLetters > 0, ![.poison, .forwards].contains(letter.fate) || letter.kind == .query {
            ledger.violate("\(letter.id), \(letter.fate), is a dead letter")
        }
        switch entry.outcome {
        case .accepted:
            let isThere = deadLetters > 0 || letter.fate != .poison && entry.processed > 0
            if !isThere { ledger.violate("\(letter.kind) \(letter.id), \(letter.fate), was accepted and is lost") }
        case .refused(let reason):
            if entry.processed > 0 || deadLetters > 0 {
                ledger.violate("\(letter.kind) \(letter.id) was refused (\(reason)) and has arrived all the same")
            }
        case .unknown, nil: break
        }
    }
}
