/// The broker's side of one connection, after the login.
final class BrokerSession {
    let link: Link
    let broker: Broker
    private(set) var hasPublished = false
    private(set) var isClosing = false
    private(set) var isOver = false
    private(set) var channels: [UInt16: BrokerChannel] = [:]
    private let heartbeat: Duration
    private var lastHeard: Duration
    private var incoming: [UInt8] = []
    /// A connection that publishes is not read from while the broker is blocked.
    private var isPaused = false

    init(_ link: Link, heartbeat: Duration, broker: Broker) {
        self.link = link
        self.broker = broker
        self.heartbeat = heartbeat
        lastHeard = broker.scheduler.now
    }

    func start() {
        link.toBroker.onArrival = { [weak self] in self?.receive($0) }
        link.onBrokerLoss = { [weak self] in self?.end() }
        beat()
    }

    func send(_ bytes: [UInt8]) { link.toClient.send(bytes) }

    func mistake(_ text: String) { broker.observer.mistake("connection \(link.number): \(text)") }

    var sortedChannels: [BrokerChannel] { channels.values.sorted { $0.number < $1.number } }

    /// Closes the connection from the broker's side (`connection.close`).
    func close(_ code: UInt16, _ text: String) {
        guard !isClosing, !isOver else { return }
        broker.scheduler.note("the broker closes connection \(link.number): \(text)")
        isClosing = true
        send(Octets.method(0, 10, 50, Octets.number(code) + Octets.short(text) + [0, 0, 0, 0]))
        release()
    }

    func setBlocked(_ isBlocked: Bool) {
        guard !isClosing, !isOver else { return }
        send(isBlocked ? Octets.method(0, 10, 60, Octets.short("low on memory")) : Octets.method(0, 10, 61))
        isPaused = isBlocked
        if !isBlocked { parse() }
    }

    /// Notes a publish: from now on alarms concern this connection.
    func published() {
        hasPublished = true
        if broker.isBlocked, !isPaused { setBlocked(true) }
    }

    func queueDeleted(_ queue: BrokerQueue) {
        for channel in sortedChannels { channel.queueDeleted(queue) }
    }

    func remove(_ channel: BrokerChannel) { channels[channel.number] = nil }

    private func beat() {
        guard !isOver else { return }
        let scheduler = broker.scheduler
        if scheduler.now - lastHeard > heartbeat * 2 {
            scheduler.note("connection \(link.number) is silent")
            link.cut(link.toClient.isHeld ? .broker : .both)
            return end()
        }
        send(Octets.heartbeat)
        scheduler.after(heartbeat / 2) { [weak self] in self?.beat() }
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        release()
        broker.forget(self)
    }

    private func release() {
        for channel in sortedChannels { channel.release() }
        channels = [:]
    }

    private func receive(_ bytes: [UInt8]) {
        lastHeard = broker.scheduler.now
        incoming += bytes
        if !isPaused { parse() }
    }

    private func parse() {
        while incoming.count >= 8, !isPaused, !isOver {
            let size = incoming[3..<7].reduce(0) { $0 << 8 | Int($1) }
            guard incoming.count >= size + 8 else { return }
            let (type, channel) = (incoming[0], UInt16(incoming[1]) << 8 | UInt16(incoming[2]))
            let payload = Array(incoming[7..<(7 + size)])
            guard incoming[7 + size] == 206 else { return mistake("a frame without its end") }
            incoming.removeFirst(size + 8)
            handle(type, channel, payload)
        }
    }

    private func handle(_ type: UInt8, _ number: UInt16, _ payload: [UInt8]) {
        switch (type, number) {
        case (8, 0): break
        case (1, _):
            do throws(OctetReader.Malformed) {
                guard let method = try ClientMethod(payload) else {
                    return mistake("the method \(payload.prefix(4)), for which there is no use")
                }
                number == 0 ? handle(method) : handle(method, number)
            } catch {
                mistake("a malformed method \(payload.prefix(4))")
            }
        case (2, 1...), (3, 1...):
            guard !isClosing else { return }
            guard let channel = channels[number] else { return mistake("content on channel \(number), not open") }
            channel.receiveContent(type, payload)
        default: mistake("a frame of type \(type) on channel \(number)")
        }
    }

    private func handle(_ method: ClientMethod) {
        switch method {
        case .connectionClose:
            broker.scheduler.note("connection \(link.number) is closed by the client")
            send(Octets.method(0, 10, 51))
            link.toClient.end()
            end()
        case .connectionCloseOk:
            if !isClosing { mistake("connection.close-ok without a close") }
            link.toClient.end()
            end()
        default: mistake("\(method) on channel 0")
        }
    }

    private func handle(_ method: ClientMethod, _ number: UInt16) {
        guard !isClosing else { return }
        if case .channelOpen = method {
            if channels[number] != nil { mistake("channel \(number) is opened twice") }
            channels[number] = BrokerChannel(number: number, session: self)
            return send(Octets.method(number, 20, 11, [0, 0, 0, 0]))
        }
        guard let channel = channels[number] else { return mistake("\(method) on channel \(number), not open") }
        channel.receive(method)
    }
}
