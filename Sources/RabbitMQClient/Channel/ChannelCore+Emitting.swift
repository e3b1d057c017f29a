extension ChannelCore {
    /// How far ``emit()`` came.
    enum Emission {
        /// Nothing is left to send.
        case done
        /// There is more, once there is room.
        case more
        /// Publishes wait for the connection to be unblocked or for answers.
        case stalled
    }

    /// Whether ``emit()`` has something to do.
    var wantsToEmit: Bool {
        if unfinished != nil || state.phase == .leaving || state.phase == .answering { return true }
        guard state.mayEmit else { return false }
        return owesFlowOk || ledger.hasVerdicts || calls.nextToSend != nil || backlog.first != nil
    }

    /// Encodes what may leave now: the rest of a large body one frame at a time, then verdicts, then a method, then
    /// publishes as long as there is room.
    func emit() -> Emission {
        // Before an answer, too: RabbitMQ ends the connection when anything else comes where it expects the rest of a body.
        if unfinished != nil { return emitBodyFrame() }
        if state.phase == .answering {
            shared.send(.channelCloseOk, channel: id.number)
            state.sentCloseOk()
            releaseClosers()
            return .done
        }
        if state.phase == .leaving {
            state.sentClose()
            emitVerdicts()
            shared.send(.channelClose(replyCode: 200, replyText: "bye"), channel: id.number)
            return .done
        }
        guard state.mayEmit else { return .done }
        if owesFlowOk {
            owesFlowOk = false
            shared.send(.channelFlowOk(active: mayPublish), channel: id.number)
        }
        emitVerdicts()
        emitCall()
        return emitPublishes()
    }

    /// Encodes the verdicts, unless a body is half out.
    func emitVerdicts() {
        guard unfinished == nil, ledger.hasVerdicts else { return }
        ledger.takeVerdicts { tag, multiple, verdict in
            let method: OutgoingMethod =
                switch verdict {
                case .ack: .basicAck(deliveryTag: tag, multiple: multiple)
                case .nack(let requeue): .basicNack(deliveryTag: tag, multiple: multiple, requeue: requeue)
                case .reject(let requeue): .basicReject(deliveryTag: tag, requeue: requeue)
                }
            shared.send(method, channel: id.number)
        }
    }

    private func emitCall() {
        while let call = calls.nextToSend {
            do throws(AMQPError) {
                if let tag = call.waiter.consumer?.tag, consumers.contains(where: { $0.tag == tag }) {
                    throw AMQPError(.invalidMessage, "the channel has a consumer \(tag) already")
                }
                try shared.writer.append(call.method, channel: id.number)
            } catch {
                _ = calls.dropUnsent()
                shared.resumptions.answer(call.waiter.reply, .failure(error))
                continue
            }
            calls.markSent()
            // The broker's first delivery may follow its answer in the same packet, and it counts publishes from
            // confirm.select on: both have to be known from here.
            if let consumer = call.waiter.consumer { consumers.append(consumer) }
            if case .confirmSelect = call.method, confirms == nil { confirms = ConfirmTracker() }
            return
        }
    }

    private func emitPublishes() -> Emission {
        while let request = backlog.first {
            guard mayPublish, !shared.isBlocked, shared.budget.admits(request.message.body.count) else {
                return .stalled
            }
            guard shared.hasRoom else { return .more }
            backlog.removeFirst()
            emit(request)
            if unfinished != nil { return .more }
        }
        return .done
    }

    private func emit(_ request: PublishRequest) {
        let rest: OutgoingBody?
        do {
            rest = try shared.writer.append(
                publish: request.message, exchange: request.exchange, routingKey: request.routingKey,
                mandatory: request.mandatory, channel: id.number)
        } catch {
            return fail(request, error)
        }
        if confirms != nil {
            shared.budget.take(request.message.body.count)
            confirms?.register(OutstandingPublish(request: request))
        }
        if let rest {
            unfinished = (rest, request)
        } else {
            finishUnconfirmed(request)
        }
    }

    private func emitBodyFrame() -> Emission {
        guard let request = unfinished?.request, var body = unfinished?.body else { return .done }
        guard shared.hasRoom else { return .more }
        shared.writer.appendNextFrame(of: &body)
        if body.remaining > 0 {
            unfinished = (body, request)
        } else {
            unfinished = nil
            finishUnconfirmed(request)
        }
        return wantsToEmit ? .more : .done
    }

    private func finishUnconfirmed(_ request: PublishRequest) {
        guard !request.awaitsConfirm, let waiter = request.end() else { return }
        shared.resumptions.published(waiter)
    }
}
