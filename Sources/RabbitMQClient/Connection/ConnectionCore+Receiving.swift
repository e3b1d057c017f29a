extension ConnectionCore {
    /// Takes the frames that the reader has in full.
    func dispatchFrames(now: MonotonicInstant) {
        do throws(AMQPError) {
            while state.isReading, let frame = try reader.next() {
                switch frame {
                case .method(0, let method): try receive(method, now: now)
                case .method(let number, let method):
                    guard let channel = target(number) else { continue }
                    try channel.receive(method)
                    if !freed(channel) { update(channel) }
                case .header(let number, let header):
                    guard let channel = target(number) else { continue }
                    try channel.receive(header)
                    update(channel)
                case .body(let number, let size):
                    guard let channel = target(number) else { continue }
                    try channel.receiveBody(size: size) { reader.appendBody(to: &$0) }
                    update(channel)
                case .heartbeat: break
                }
            }
        } catch {
            fail(because: error, now: now)
        }
    }

    /// The channel that a frame is for. Frames for a number that is not in use any more come late and mean nothing.
    private func target(_ number: UInt16) -> ChannelCore? {
        guard state.isOpen, Int(number) < channels.count else { return nil }
        return channels[Int(number)]
    }

    private func receive(_ method: IncomingMethod, now: MonotonicInstant) throws(AMQPError) {
        switch method {
        case .connectionClose(let replyCode, let replyText, let classID, let methodID):
            receiveClose(
                AMQPError(
                    .closedByBroker, replyCode: replyCode, replyText: replyText, classID: classID, methodID: methodID),
                now: now)
        case .connectionCloseOk:
            guard case .closing = state.phase else { throw ChannelCore.outOfTurn(method) }
            finish(because: Self.closedByUs)
        case .connectionBlocked(let reason):
            guard state.isOpen, !shared.isBlocked else { return }
            shared.isBlocked = true
            events.yield(.blocked(reason: AMQPError.printable(reason)))
        case .connectionUnblocked:
            guard state.isOpen, shared.isBlocked else { return }
            shared.isBlocked = false
            events.yield(.unblocked)
        default:
            throw ChannelCore.outOfTurn(method)
        }
    }
}
