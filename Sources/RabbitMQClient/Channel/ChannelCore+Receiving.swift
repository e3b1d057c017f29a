import Logging

extension ChannelCore {
    /// Takes a method of the peer.
    ///
    /// - Throws: ``AMQPError/Kind/protocolViolation`` when the peer must not send it now.
    func receive(_ method: IncomingMethod) throws(AMQPError) {
        switch method {
        case .channelOpenOk: try carryOut(state.receivedOpenOk(), method)
        case .channelCloseOk: try carryOut(state.receivedCloseOk(), method)
        case .channelClose(let replyCode, let replyText, let classID, let methodID):
            let cause = AMQPError(
                .channelClosed, replyCode: replyCode, replyText: replyText, classID: classID, methodID: methodID)
            try carryOut(state.receivedClose(), method, cause)
        default:
            switch state.phase {
            case .opening: throw Self.outOfTurn(method)
            case .open: try receiveWhileOpen(method)
            case .leaving, .closing, .answering, .closed: break
            }
        }
    }

    /// Takes a content header.
    func receive(_ header: ContentHeader) throws(AMQPError) {
        guard state.phase == .open else { return }
        if let content = try assembler.receive(header) { try receive(content) }
    }

    /// Takes a body frame of `size` bytes, which `append` copies.
    func receiveBody(size: Int, append: (inout [UInt8]) -> Void) throws(AMQPError) {
        guard state.phase == .open else { return }
        if let content = try assembler.receiveBody(size: size, append: append) { try receive(content) }
    }

    private func receiveWhileOpen(_ method: IncomingMethod) throws(AMQPError) {
        guard assembler.isIdle else { throw Self.outOfTurn(method) }
        switch method {
        case .basicAck(let deliveryTag, let multiple):
            settle(deliveryTag, multiple, nacked: false)
        case .basicNack(let deliveryTag, let multiple):
            settle(deliveryTag, multiple, nacked: true)
        case .basicDeliver, .basicReturn:
            assembler.begin(method)
        case .basicGetOk:
            guard let call = calls.pending, call.method.isAnswered(by: method) else { throw Self.outOfTurn(method) }
            assembler.begin(method)
        case .basicCancel(let consumerTag, _):
            guard let index = consumers.firstIndex(where: { $0.tag == consumerTag }) else { return }
            consumers.remove(at: index).onCancel()
        case .channelFlow(let active):
            mayPublish = active
            owesFlowOk = true
        default:
            try receiveAnswer(method)
        }
    }

    private func receiveAnswer(_ method: IncomingMethod) throws(AMQPError) {
        guard let call = calls.takeAnswered(by: method) else { throw Self.outOfTurn(method) }
        if case .basicCancelOk(let consumerTag) = method {
            consumers.removeAll { $0.tag == consumerTag }
        }
        shared.resumptions.answer(call.waiter.reply, .success(.method(method)))
    }

    private func receive(_ content: ContentAssembler.Content) throws(AMQPError) {
        switch content.method {
        case .basicDeliver(let consumerTag, let deliveryTag, let redelivered, let exchange, let routingKey):
            let consumer = consumers.first { $0.tag == consumerTag }
            let delivery = AMQPDelivery(
                consumerTag: consumerTag, tag: AMQPDeliveryTag(number: deliveryTag, generation: id.generation),
                redelivered: redelivered, exchange: exchange, routingKey: routingKey, content: content.content)
            if consumer?.noAck != true { try record(deliveryTag) }
            if let consumer {
                consumer.onDelivery(delivery)
            } else {
                // Nobody would ever decide about it; another consumer may want it.
                decide(deliveryTag, .nack(requeue: true))
            }
        case .basicGetOk(let deliveryTag, let redelivered, let exchange, let routingKey, _):
            guard let call = calls.takeAnswered(by: content.method) else { throw Self.outOfTurn(content.method) }
            try record(deliveryTag)
            let delivery = AMQPDelivery(
                consumerTag: "", tag: AMQPDeliveryTag(number: deliveryTag, generation: id.generation),
                redelivered: redelivered, exchange: exchange, routingKey: routingKey, content: content.content)
            shared.resumptions.answer(call.waiter.reply, .success(.delivery(delivery)))
        case .basicReturn(let replyCode, let replyText, let exchange, let routingKey):
            var properties: AMQPProperties?
            if case .message(let message) = content.content { properties = message.properties }
            let isKnown = confirms?.updateFirst(
                where: {
                    $0.returned == nil
                        && $0.request.matches(exchange: exchange, routingKey: routingKey, properties: properties)
                },
                { $0.returned = OutstandingPublish.Return(replyCode: replyCode, replyText: replyText) })
            if isKnown != true {
                shared.logger.warning(
                    "the broker returned a message whose publisher does not wait for it",
                    metadata: ["channel": "\(id.number)", "reply_code": "\(replyCode)"])
            }
        default: throw Self.outOfTurn(content.method)
        }
    }

    private func record(_ deliveryTag: UInt64) throws(AMQPError) {
        guard ledger.record(deliveryTag) else {
            throw AMQPError(.protocolViolation, "the peer sent delivery tag \(deliveryTag) out of turn")
        }
    }

    private func settle(_ deliveryTag: UInt64, _ multiple: Bool, nacked: Bool) {
        let settlement = confirms?.settle(deliveryTag, multiple: multiple) { publish in
            shared.budget.giveBack(publish.request.message.body.count)
            guard let waiter = publish.request.end() else { return }
            if let returned = publish.returned {
                let error = AMQPError(
                    .unroutable, replyCode: returned.replyCode, replyText: returned.replyText, classID: 60, methodID: 40
                )
                shared.resumptions.publishFailed(waiter, error)
            } else if nacked {
                shared.resumptions.publishFailed(waiter, AMQPError(.nacked, "the broker refused the message"))
            } else {
                shared.resumptions.published(waiter)
            }
        }
        if settlement != .settled {
            shared.logger.debug(
                "the broker answered for a message that does not wait",
                metadata: ["channel": "\(id.number)", "delivery_tag": "\(deliveryTag)"])
        }
    }

    static func outOfTurn(_ method: IncomingMethod) -> AMQPError {
        AMQPError(.protocolViolation, "the peer sent \(method.name) out of turn", method: method.name)
    }
}
