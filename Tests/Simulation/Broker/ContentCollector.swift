import RabbitMQClient

/// Puts the content of a publish together.
struct ContentCollector {
    enum Event {
        case more
        case complete(Address, isMandatory: Bool, AMQPMessage)
    }

    private enum State {
        case idle
        case header(Address, Bool)
        case body(Address, Bool, AMQPProperties, size: Int, [UInt8])
    }

    private var state = State.idle

    var isIdle: Bool { if case .idle = state { true } else { false } }

    mutating func begin(_ address: Address, _ isMandatory: Bool) { state = .header(address, isMandatory) }

    /// Takes a content header or a body frame; nil when it is out of turn.
    mutating func receive(_ type: UInt8, _ payload: [UInt8], codec: inout ContentCodec) -> Event? {
        switch (state, type) {
        case (.header(let address, let isMandatory), 2):
            guard let (size, properties) = codec.header(payload) else { return nil }
            return advance(address, isMandatory, properties, size, [])
        case (.body(let address, let isMandatory, let properties, let size, let body), 3):
            guard body.count + payload.count <= size else { return nil }
            return advance(address, isMandatory, properties, size, body + payload)
        default: return nil
        }
    }

    private mutating func advance(
        _ address: Address, _ isMandatory: Bool, _ properties: AMQPProperties, _ size: Int, _ body: [UInt8]
    ) -> Event {
        guard body.count == size else {
            state = .body(address, isMandatory, properties, size: size, body)
            return .more
        }
        state = .idle
        return .complete(address, isMandatory: isMandatory, AMQPMessage(properties: properties, body: body))
    }
}
