/// Says which publishes of a channel the broker has: late, out of order, and several at once.
final class ConfirmSender {
    private struct Pending {
        let sequence: UInt64
        let isRefused: Bool
        let publication: Publication
    }

    var isOn = false
    var send: (_ sequence: UInt64, _ multiple: Bool, _ refused: Bool) -> Void = { _, _, _ in }
    private let scheduler: Scheduler
    private var pending: [Pending] = []
    private var lastSequence: UInt64 = 0
    private var isStopped = false

    init(scheduler: Scheduler) { self.scheduler = scheduler }

    func add(_ publication: Publication, refused: Bool, within milliseconds: ClosedRange<Int>) {
        lastSequence += 1
        let sequence = lastSequence
        pending.append(Pending(sequence: sequence, isRefused: refused, publication: publication))
        scheduler.after(scheduler.random.milliseconds(milliseconds)) { [weak self] in self?.confirm(sequence) }
    }

    /// The channel is gone.
    func stop() { isStopped = true }

    private func confirm(_ sequence: UInt64) {
        guard !isStopped, let entry = pending.first(where: { $0.sequence == sequence }) else { return }
        let lower = pending.filter { $0.sequence <= sequence }
        let coversAll = lower.count > 1 && lower.allSatisfy { $0.isRefused == entry.isRefused }
        let multiple = coversAll && scheduler.random.once(in: 2)
        for each in multiple ? lower : [entry] where !each.isRefused { each.publication.isConfirmed = true }
        pending.removeAll { multiple ? $0.sequence <= sequence : $0.sequence == sequence }
        send(sequence, multiple, entry.isRefused)
    }
}
