import Foundation
import MimiMessaging

/// Calls of every kind, with short deadlines of different length, over links that may do anything.
struct DeadlineCalls {
    /// By how much a call may outlive its deadline.
    static let grace = Duration.milliseconds(500)
    /// How many calls: `MIMI_DEADLINE_CALLS=10000` for the figure of the documentation.
    static let count = ProcessInfo.processInfo.environment["MIMI_DEADLINE_CALLS"].flatMap(Int.init) ?? 240

    private let bus: MessageBus
    private let queue: String

    init(on bus: MessageBus, queue: String) {
        self.bus = bus
        self.queue = queue
    }

    /// Runs them, many at a time, and says which of them outlived their deadline and by how much.
    func run() async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            var late: [String] = []
            for number in 0..<Self.count {
                if number >= 200, let text = await group.next() ?? nil { late.append(text) }
                group.addTask { await call(number) }
            }
            for await case let text? in group { late.append(text) }
            return late
        }
    }

    private func call(_ number: Int) async -> String? {
        let limit = Duration.milliseconds(50 + number % 10 * 100)
        let kinds = ["command", "query", "event", "event to a new topic"]
        let kind = kinds[number % kinds.count]
        // What a plain sleep to the same deadline takes is the machine's doing, not ours.
        async let sleep = timed { try? await Task.sleep(for: limit) }
        let taken = await timed {
            switch kind {
            // Nobody handles these: what arrives late must not disturb what a test counts.
            case "command": try? await bus.command(RequestTarget("\(queue).none/take"), timeout: limit)
            case "query": _ = try? await bus.query(RequestTarget("\(queue)/ask"), ["n": 0], timeout: limit)
            case "event": try? await bus.event(EventTarget("\(queue)#unheard"), timeout: limit)
            default: try? await bus.event(EventTarget("\(queue).new#unheard"), timeout: limit)
            }
        }
        return taken > max(limit, await sleep) + Self.grace ? "\(kind): \(taken) instead of \(limit)" : nil
    }
}
