import RabbitMQClient

/// The client's end of a ``Link``.
final class SimulatedTransport: Transport {
    /// How the stream is over.
    enum Ending {
        /// The peer has ended it.
        case finished
        /// The network has broken it.
        case reset
    }

    let fileDescriptor: Int32? = nil
    /// Called when there is more to read, or room to write.
    var onChange: () -> Void = {}
    private(set) var isClosed = false
    private var incoming: [UInt8] = []
    private var ending: Ending?
    private let outgoing: Pipe
    private let scheduler: Scheduler

    init(outgoing: Pipe, scheduler: Scheduler) {
        self.outgoing = outgoing
        self.scheduler = scheduler
    }

    var isReadable: Bool { !incoming.isEmpty || ending != nil }
    var isWritable: Bool { outgoing.room > 0 || ending != nil }

    func receive(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        incoming += bytes
        onChange()
    }

    func lose(_ ending: Ending) {
        guard self.ending == nil else { return }
        self.ending = ending
        // A reset may throw away what was received, or not.
        if ending == .reset, scheduler.random.once(in: 2) { incoming = [] }
        onChange()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> TransportRead {
        guard !incoming.isEmpty else {
            switch ending {
            case nil: return .wouldBlock(needsWrite: false)
            case .finished: return .end
            case .reset: throw AMQPError(.connectionLost, "the connection was reset")
            }
        }
        let count = min(buffer.count, incoming.count)
        unsafe buffer.copyBytes(from: incoming[..<count])
        incoming.removeFirst(count)
        return .bytes(count)
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(AMQPError) -> TransportWrite {
        guard ending == nil else { throw AMQPError(.connectionLost, "broken pipe") }
        var count = min(buffer.count, outgoing.room)
        guard count > 0 else { return .wouldBlock(needsRead: false) }
        if scheduler.random.once(in: 8) { count = scheduler.random.number(1...count) }
        unsafe outgoing.send(buffer.prefix(count))
        return .bytes(count)
    }

    func close() {
        isClosed = true
        incoming = []
        outgoing.end()
    }
}
