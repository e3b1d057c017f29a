import MimiMessaging
import MimiMessagingTesting
import Testing

/// What can happen to the links of a bus, without the broker's doing.
enum LinkFault: String, CaseIterable, CustomTestStringConvertible {
    case reset
    case endOfStream
    case cutInTheMiddleOfAFrameToTheBroker
    case cutInTheMiddleOfAFrameToTheClient
    case refusedForAWhile
    case cutAgainDuringTheRecovery
    case oneByteAtATime
    case tenKilobytesASecond
    case latency
    case blackHole
    case nothingReachesTheBroker
    case nothingReachesTheClient

    var testDescription: String { rawValue }

    /// Whether nobody is told, so that it has to be noticed by silence.
    var isSilent: Bool {
        switch self {
        case .blackHole, .nothingReachesTheBroker, .nothingReachesTheClient: true
        default: false
        }
    }

    /// How long it may take from the fault until all is well: for silence, until it is noticed (the broker takes three
    /// intervals, we take two) and for the recovery.
    var bound: Duration { isSilent ? .seconds(12) : .seconds(8) }

    /// Happens to the links of a proxy, and is over when it returns.
    func strike(_ proxy: FaultProxy) async throws {
        let before = proxy.connections.entries.count
        switch self {
        case .reset: proxy.cut()
        case .endOfStream: proxy.halfClose()
        case .cutInTheMiddleOfAFrameToTheBroker: proxy.set(.toBroker) { $0.bytesBeforeCut = 25 }
        case .cutInTheMiddleOfAFrameToTheClient: proxy.set(.toClient) { $0.bytesBeforeCut = 5 }
        case .refusedForAWhile:
            proxy.refuse(true)
            proxy.cut()
            try await proxy.connections.wait(for: before + 3)
            proxy.heal()
        case .cutAgainDuringTheRecovery:
            proxy.set(.toBroker) { $0.bytesBeforeCut = 300 }
            proxy.cut()
            try await proxy.connections.wait(for: before + 2)
            proxy.set(.toBroker) { $0.bytesBeforeCut = 900 }
        case .oneByteAtATime: proxy.set(.toBroker, .toClient) { $0.sliceSize = 1 }
        case .tenKilobytesASecond: proxy.set(.toBroker, .toClient) { $0.bytesPerSecond = 10_000 }
        case .latency: proxy.set(.toBroker, .toClient) { $0.latency = 200 }
        case .blackHole: try await holdUntilNoticed(proxy, .toBroker, .toClient)
        case .nothingReachesTheBroker: try await holdUntilNoticed(proxy, .toBroker)
        case .nothingReachesTheClient: try await holdUntilNoticed(proxy, .toClient)
        }
    }

    /// Somebody who connects again has noticed.
    private func holdUntilNoticed(_ proxy: FaultProxy, _ directions: LinkDirection...) async throws {
        let before = proxy.connections.entries.count
        for direction in directions { proxy.set(direction) { $0.isHeld = true } }
        try await proxy.connections.wait(for: before + 1)
        proxy.heal()
    }
}
