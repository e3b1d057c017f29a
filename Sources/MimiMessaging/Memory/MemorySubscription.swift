/// A subscription to the in-memory broker.
struct MemorySubscription: AdapterSubscription {
    let broker: MemoryBroker
    let id: ConsumerID

    func cancel() async {
        await withCheckedContinuation { waiter in
            broker.change { state, now in state.cancel(id, waiter: waiter, at: now) }
        }
    }

    func close() async {
        broker.change { state, now in state.giveBackUnsettled(at: now) { $0.consumer == id } }
    }
}
