extension OutgoingMethod {
    /// Whether `answer` is what AMQP gives as the answer to this method.
    func isAnswered(by answer: IncomingMethod) -> Bool {
        switch (self, answer) {
        case (.exchangeDeclare, .exchangeDeclareOk), (.exchangeDelete, .exchangeDeleteOk),
            (.queueDeclare, .queueDeclareOk), (.queueBind, .queueBindOk), (.queueUnbind, .queueUnbindOk),
            (.queuePurge, .queuePurgeOk), (.queueDelete, .queueDeleteOk), (.basicQos, .basicQosOk),
            (.basicConsume, .basicConsumeOk), (.basicCancel, .basicCancelOk), (.basicGet, .basicGetOk),
            (.basicGet, .basicGetEmpty), (.confirmSelect, .confirmSelectOk):
            true
        default: false
        }
    }

    /// The name of a method that wants an answer, for error texts.
    var name: String {
        switch self {
        case .exchangeDeclare: "exchange.declare"
        case .exchangeDelete: "exchange.delete"
        case .queueDeclare: "queue.declare"
        case .queueBind: "queue.bind"
        case .queueUnbind: "queue.unbind"
        case .queuePurge: "queue.purge"
        case .queueDelete: "queue.delete"
        case .basicQos: "basic.qos"
        case .basicConsume: "basic.consume"
        case .basicCancel: "basic.cancel"
        case .basicGet: "basic.get"
        case .confirmSelect: "confirm.select"
        case .channelOpen: "channel.open"
        default: "method"
        }
    }
}
