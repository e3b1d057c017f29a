/// Whether a bus can do its work.
///
/// ```swift
/// if case .degraded(let obstacles) = bus.health { logger.warning("\(obstacles)") }
/// ```
public enum BusHealth: Hashable, Sendable {
    /// It sends, and everything that is registered is being processed.
    case ready
    /// It works in part: the broker takes no messages for the moment, a consumer is missing or refused.
    case degraded([BusObstacle])
    /// It can send nothing: it is not started, is stopping, or has no connection to send over.
    case down([BusObstacle])

    /// What a bus with these obstacles is.
    /// - Parameter obstacles: What keeps it from its work; empty when all is well.
    init(_ obstacles: [BusObstacle]) {
        if obstacles.isEmpty {
            self = .ready
        } else {
            self = obstacles.contains(where: \.stopsSending) ? .down(obstacles) : .degraded(obstacles)
        }
    }

    /// What keeps the bus from its work; empty when it is ready.
    public var obstacles: [BusObstacle] {
        switch self {
        case .ready: []
        case .degraded(let obstacles), .down(let obstacles): obstacles
        }
    }

    /// The case in one word: `ready`, `degraded` or `down`.
    public var name: String {
        switch self {
        case .ready: "ready"
        case .degraded: "degraded"
        case .down: "down"
        }
    }
}

extension BusHealth: CustomStringConvertible {
    public var description: String {
        let reasons = obstacles.map(\.description).joined(separator: "; ")
        return reasons.isEmpty ? name : "\(name): \(reasons)"
    }
}
