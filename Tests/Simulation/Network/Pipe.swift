/// One direction of a link: bytes arrive in order, but late, in pieces, or not yet.
final class Pipe {
    /// How fast and in what pieces bytes arrive.
    struct Weather {
        var milliseconds = 0...2
        var slice = 1...100_000
    }

    /// As much fits into it before the sender has to wait.
    private static let capacity = 256 << 10

    var weather = Weather()
    /// Nothing arrives while it is held; it is kept for later.
    var isHeld = false {
        didSet { if !isHeld { schedule() } }
    }
    /// After so many more bytes `onCut` is called.
    var cutAfter: Int?
    var onArrival: ([UInt8]) -> Void = { _ in }
    var onEnd: () -> Void = {}
    var onCut: () -> Void = {}

    private let scheduler: Scheduler
    private var bytes: [UInt8] = []
    private var isEnding = false
    private var isOver = false
    private var isScheduled = false

    init(scheduler: Scheduler) { self.scheduler = scheduler }

    /// How many bytes may be sent.
    var room: Int { max(0, Self.capacity - bytes.count) }

    func send(_ more: some Sequence<UInt8>) {
        guard !isEnding, !isOver else { return }
        bytes += more
        schedule()
    }

    /// The sender sends no more; the receiver hears of it behind the last byte.
    func end() {
        isEnding = true
        schedule()
    }

    /// Nothing arrives any more.
    func drop() {
        isOver = true
        bytes = []
    }

    private func schedule() {
        guard !isScheduled, !isHeld, !isOver, !bytes.isEmpty || isEnding else { return }
        isScheduled = true
        scheduler.after(scheduler.random.milliseconds(weather.milliseconds)) { [self] in arrive() }
    }

    private func arrive() {
        isScheduled = false
        guard !isHeld, !isOver else { return }
        var count = min(bytes.count, scheduler.random.number(weather.slice))
        if let limit = cutAfter { count = min(count, limit) }
        if count > 0 {
            let arrived = Array(bytes.prefix(count))
            bytes.removeFirst(count)
            cutAfter = cutAfter.map { $0 - count }
            onArrival(arrived)
        }
        if cutAfter == 0 {
            cutAfter = nil
            return onCut()
        }
        if bytes.isEmpty, isEnding, !isOver {
            isOver = true
            return onEnd()
        }
        schedule()
    }
}
