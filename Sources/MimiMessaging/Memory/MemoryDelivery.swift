/// A delivery of the in-memory broker.
struct MemoryDelivery: Delivery {
    let broker: MemoryBroker
    let tag: DeliveryTag
    let message: IncomingMessage

    var isCurrent: Bool { broker.look { $0.unsettled[tag] != nil } }

    func settle(_ settlement: Settlement) async {
        broker.change { state, now in state.settle(tag, settlement, at: now) }
    }
}
