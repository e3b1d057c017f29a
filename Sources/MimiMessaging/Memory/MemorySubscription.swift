/// A subscription to the in-memory broker.
struct MemorySubscription: AdapterSubscription {
    let broker: MemoryBroker
    let id: ConsumerID

    func cancel() async {
        await withCheckedContinuation { waiter in
            broker.change { state, now in state.cancel(id, waiter: waiter, at: now) }
        }
    }
}
