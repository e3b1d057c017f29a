import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

/// The link is cut behind each single byte of what a bus says and hears: while it connects, logs in, declares and
/// subscribes, publishes, is delivered to and acknowledges. Nothing is lost, and all recovers.
///
/// A sample of the bytes; all of them, more than 2,000, with `MIMI_STAIRWAY=all` (`make stairway`).
@Suite("The link is cut behind each byte", .timeLimit(.minutes(30)))
struct ByteStairwayTests {
    /// What is cut, and in which direction.
    enum Stairs: String, CaseIterable {
        case startOfAServiceToTheBroker
        case startOfAServiceToTheClient
        case publishToTheBroker
        case publishToTheClient
        case queryToTheBroker
        case queryToTheClient
        case deliverToTheClient
        case acknowledgementToTheBroker

        var direction: LinkDirection { rawValue.hasSuffix("Client") ? .toClient : .toBroker }
    }

    static let takesAll = ProcessInfo.processInfo.environment["MIMI_STAIRWAY"] == "all"
    /// How many bytes of each stairs are in the sample.
    static let sample = 10
    /// How many buses climb at a time.
    static let lanes = 4

    @Test(arguments: Stairs.allCases) func nothingIsLost(_ stairs: Stairs) async throws {
        try await Turnstile.faults.pass {
            let length = try await withClimber(stairs) { climber in
                // Once without a cut, to warm up, and once to count.
                try await climber.climb(nil)
                try await climber.climb(nil)
                // An acknowledgement leaves after the handler: nobody is told when it has passed, but it has one length.
                return stairs == .acknowledgementToTheBroker ? 21 : climber.proxy.passed(stairs.direction)
            }
            try #require(length > 20)
            let step = Self.takesAll ? 1 : max(1, length / Self.sample)
            let offsets = Array(stride(from: 0, to: length, by: step))
            let cuts = try await withThrowingTaskGroup(of: Int.self) { group in
                for lane in 0..<Self.lanes {
                    group.addTask {
                        try await withClimber(stairs) { climber in
                            try await climber.climb(nil)
                            for index in stride(from: lane, to: offsets.count, by: Self.lanes) {
                                do {
                                    try await climber.climb(offsets[index])
                                } catch {
                                    Issue.record("behind byte \(offsets[index]) of \(length): \(error)")
                                }
                            }
                            return climber.proxy.cuts
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            print("\(stairs.rawValue): cut behind \(cuts) of \(length) bytes")
            // Behind a byte that leaves after its round, as of an acknowledgement, there is none.
            #expect(cuts >= offsets.count * 9 / 10)
        }
    }

    private func withClimber<Result>(
        _ stairs: Stairs, _ body: (StairClimber) async throws -> Result
    ) async throws -> Result {
        let climber = try await StairClimber(stairs)
        do {
            let result = try await body(climber)
            try await climber.end()
            return result
        } catch {
            try? await climber.end()
            throw error
        }
    }
}

/// A service and a client that do the same thing again and again, each time with a cut somewhere else.
private final class StairClimber: Sendable {
    /// What may take so long: the loss, the reconnection, and all that is declared anew.
    private static let limit = Duration.seconds(15)
    private static let options: [String: OptionValue] = [
        "mq_rabbitmq_queue_type": "classic", "mq_publish_timeout": 15, "mq_default_query_timeout": 15,
    ]

    private let stairs: ByteStairwayTests.Stairs
    private let queue = TestBroker.uniqueName("stairs")
    private let client: FaultyBus
    private let service: FaultyBus
    private let handled = Journal<Int>(limit: limit)
    private let number = Lock(0)

    init(_ stairs: ByteStairwayTests.Stairs) async throws {
        self.stairs = stairs
        client = try FaultyBus(Self.options)
        service = try FaultyBus(Self.options)
        try await service.bus.requests(queue) { [handled] handlers in
            handlers.command("take") { message, _ in handled.note(try message["n"]) }
            handlers.query("ask") { message, _ in message }
        }
        try await service.bus.start()
        try await client.bus.start()
    }

    /// The one whose link is cut.
    var proxy: FaultProxy {
        switch stairs {
        case .publishToTheBroker, .publishToTheClient, .queryToTheBroker, .queryToTheClient: client.proxy
        default: service.proxy
        }
    }

    /// Does it once, with a cut behind so many bytes from here; nil for none.
    func climb(_ offset: Int?) async throws {
        let next = number.withLock { number in
            number += 1
            return number
        }
        if isStart { await service.bus.stop() }
        let connections = proxy.connections.entries.count
        proxy.forgetPassed()
        proxy.set(stairs.direction) { $0.bytesBeforeCut = offset }
        if isStart { try await service.bus.start() }
        switch stairs {
        case .queryToTheBroker, .queryToTheClient:
            let answer = try await client.bus.query(RequestTarget("\(queue)/ask"), ["n": .integer(next)])
            guard answer["n"]?.integer == next else { throw FaultProxy.Failure(description: "a crossed reply") }
        default:
            try await client.bus.command(RequestTarget("\(queue)/take"), ["n": .integer(next)])
            try await handled.wait { $0.suffix(20).contains(next) }
        }
        if stairs == .acknowledgementToTheBroker, offset != nil {
            try await proxy.connections.wait(for: connections + 1)
        }
        // A cut that is still to come is for this round only.
        proxy.set(stairs.direction) { $0.bytesBeforeCut = nil }
    }

    func end() async throws {
        await client.end()
        await service.end()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    private var isStart: Bool { stairs.rawValue.hasPrefix("start") }
}
