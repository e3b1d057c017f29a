/// What goes wrong in a world, and when: at any await, and from time to time.
final class Nemesis {
    /// The kinds of fault.
    enum Fault: CaseIterable {
        case cut, cutSoon, blackHole, slowLink
        case brokerDies, brokerSilent, brokerFreezes, brokerBlocks, connectionClosed, channelClosed
        case consumerCancelled, queueDeleted, publishesRefused, confirmsLate
        case callCancelled, serviceRestarts, serviceDies
    }

    private(set) var count = 0
    private unowned let world: World
    private let scheduler: Scheduler
    private let kinds: [Fault]
    /// One fault in so many awaits; none without.
    private let rarity: Int?
    private let pause: ClosedRange<Int>
    private var isActive = false

    init(world: World) {
        self.world = world
        let scheduler = world.scheduler
        self.scheduler = scheduler
        // Not everything everywhere: faults that come often hide what a rare one would show.
        kinds = Fault.allCases.filter { _ in scheduler.random.once(in: 2) }
        rarity = scheduler.random.pick([100, 400, 1500, nil] as [Int?]) ?? nil
        pause = scheduler.random.pick([100...1000, 500...4000, 2000...10_000]) ?? 500...4000
    }

    /// Whether anything will go wrong at all.
    var isPeaceful: Bool { kinds.isEmpty }

    func start() {
        guard !isPeaceful else { return }
        isActive = true
        if let rarity {
            scheduler.atEachAwait = { [unowned self] in
                if isActive, scheduler.random.once(in: rarity) { scheduler.soon { [self] in strike() } }
            }
        }
        strikeAgain()
    }

    /// Nothing goes wrong any more, and what is wrong is mended.
    func stop() {
        isActive = false
        scheduler.atEachAwait = {}
        scheduler.note("all faults end")
        world.network.reachability = .good
        world.network.weather = Pipe.Weather()
        world.broker.start()
        world.broker.setBlocked(false)
        world.broker.refusals = 0
        world.broker.confirmDelay = 0...5
        for link in world.uncutLinks { mend(link) }
    }

    private func strikeAgain() {
        scheduler.after(scheduler.random.milliseconds(pause)) { [self] in
            guard isActive else { return }
            strike()
            strikeAgain()
        }
    }

    private func strike() {
        guard isActive, let fault = scheduler.random.pick(kinds) else { return }
        count += 1
        scheduler.note("fault: \(fault)")
        switch fault {
        case .cut, .cutSoon, .blackHole, .slowLink:
            if let link = scheduler.random.pick(world.links) { harm(link, fault) }
        case .brokerDies:
            world.broker.kill()
            later(0...3000) { $0.broker.start() }
        case .brokerSilent, .brokerFreezes, .brokerBlocks, .publishesRefused, .confirmsLate: harmBroker(fault)
        case .connectionClosed:
            scheduler.random.pick(world.broker.sessions)?.close(320, "CONNECTION_FORCED")
        case .channelClosed:
            scheduler.random.pick(world.broker.sessions.flatMap(\.sortedChannels))?.close(541, "INTERNAL_ERROR")
        case .consumerCancelled:
            let channels = world.broker.sessions.flatMap(\.sortedChannels).filter { !$0.consumerTags.isEmpty }
            if let channel = scheduler.random.pick(channels), let tag = channel.consumerTags.first {
                channel.cancelConsumer(tag)
            }
        case .queueDeleted:
            if let queue = scheduler.random.pick(world.broker.sortedQueues) { world.broker.delete(queue) }
        case .callCancelled: world.cancelCall()
        case .serviceRestarts: world.restartService()
        case .serviceDies: world.killService()
        }
    }

    private func harm(_ link: Link, _ fault: Fault) {
        let directions =
            scheduler.random.pick([[link.toBroker], [link.toClient], [link.toBroker, link.toClient]]) ?? []
        switch fault {
        case .cutSoon: directions.first?.cutAfter = scheduler.random.number(1...2000)
        case .blackHole:
            for pipe in directions { pipe.isHeld = true }
            later(10...20_000) { _ in for pipe in directions { pipe.isHeld = false } }
        case .slowLink:
            let weather = Pipe.Weather(milliseconds: 0...scheduler.random.number(5...400), slice: 1...7)
            for pipe in directions { pipe.weather = weather }
            later(10...2000) { _ in for pipe in directions { pipe.weather = Pipe.Weather() } }
        default: link.cut(scheduler.random.pick(Link.Witness.allCases) ?? .both)
        }
    }

    private func harmBroker(_ fault: Fault) {
        switch fault {
        case .brokerSilent:
            world.network.reachability = scheduler.random.once(in: 2) ? .silent : .refusing
            later(10...6000) { $0.network.reachability = .good }
        case .brokerFreezes:
            let links = world.links
            for link in links { link.hold(true) }
            world.network.reachability = .silent
            later(10...15_000) { world in
                world.network.reachability = .good
                for link in links { link.hold(false) }
            }
        case .brokerBlocks:
            world.broker.setBlocked(true)
            later(10...6000) { $0.broker.setBlocked(false) }
        case .confirmsLate:
            world.broker.confirmDelay = 0...3000
            later(100...3000) { $0.broker.confirmDelay = 0...5 }
        default: world.broker.refusals += scheduler.random.number(1...3)
        }
    }

    /// Ends a fault after a while. If all faults end before, it has ended already, and ending it again does no harm.
    private func later(_ milliseconds: ClosedRange<Int>, _ end: @escaping (World) -> Void) {
        scheduler.after(scheduler.random.milliseconds(milliseconds)) { [unowned self] in
            if isActive { end(world) }
        }
    }

    private func mend(_ link: Link) {
        for pipe in [link.toBroker, link.toClient] {
            pipe.weather = Pipe.Weather()
            pipe.cutAfter = nil
            pipe.isHeld = false
        }
    }
}
