import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

/// A broker of its own that is killed and started again, through `Scripts/broker`.
@Suite(
    "A broker that dies and comes back", .serialized,
    .enabled(if: TestBroker.control != nil, "MIMI_RABBITMQ_CONTROL names no script that controls a broker"))
struct BrokerRestartTests {
    @Test("calls wait or fail by their deadline, then all goes on", .timeLimit(.minutes(3))) func killTwice()
        async throws
    {
        let broker = try await ControlledBroker(named: "restart")
        let queue = TestBroker.uniqueName("restart")
        let (handled, heard) = (Journal<Int>(limit: .seconds(60)), Journal<Int>(limit: .seconds(60)))
        let service = try TestBroker.bus(["mq_rabbitmq_queue_type": "classic"], url: broker.url)
        try await service.requests(queue) { handlers in
            handlers.command("take") { message, _ in handled.note(try message["n"]) }
            handlers.query("ask") { message, _ in ["n": .integer(try message["n"])] }
        }
        try await service.events(queue, queue: queue + ".events") { events in
            events.event("seen") { message, _ in heard.note(try message["n"]) }
        }
        try await service.start()
        let client = try TestBroker.bus(url: broker.url)
        try await client.start()
        let command = try RequestTarget("\(queue)/take")
        try await client.command(command, ["n": 0])
        try await handled.wait(for: 1)

        for round in 1...2 {
            try await broker.control("kill")
            let start = ContinuousClock.now
            let error = await #expect(throws: MessagingError.self) {
                try await client.command(command, ["n": -1], timeout: .milliseconds(300))
            }
            #expect(error.map { [.timeout, .connection].contains($0.code) } == true)
            #expect(start.duration(to: .now) < .seconds(3))
            // It waits for the broker, within its deadline.
            async let waiting: Void = client.command(command, ["n": .integer(round)], timeout: .seconds(60))
            try await broker.control("restart")
            try await waiting
            try await client.event(EventTarget("\(queue)#seen"), ["n": .integer(round)], timeout: .seconds(30))
            let answer = try await client.query(
                RequestTarget("\(queue)/ask"), ["n": .integer(round)], timeout: .seconds(30))
            #expect(answer["n"] == .integer(round))
            // Also when the one that failed has arrived nevertheless.
            while !handled.entries.contains(round) { try await handled.wait(for: handled.entries.count + 1) }
            try await heard.wait(for: round)
        }
        await client.stop()
        await service.stop()
        try await broker.stop()
    }
}

/// A broker that a test may harm.
struct ControlledBroker {
    let url: String
    private let name: String

    init(named name: String) async throws {
        self.name = name
        _ = try await Self.run(name, "start")
        url = try await Self.run(name, "url").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// `kill`, `restart`, `pause`, `resume`, `alarm on`, …
    func control(_ fault: String...) async throws { _ = try await Self.run(name, "fault", fault) }

    func stop() async throws { _ = try await Self.run(name, "stop") }

    /// On a thread of its own: it takes seconds, and there are as many threads for tasks as the machine has cores.
    private static func run(_ name: String, _ command: String, _ arguments: [String] = []) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(name, command, arguments) })
            }
        }
    }

    private static func runAndWait(_ name: String, _ command: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try TestBroker.controlPath)
        process.arguments = ["--name", name, command] + arguments
        // The broker of the other tests is none of its business.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MIMI_RABBITMQ") }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestBroker.Unavailable(description: "\(command) of the broker '\(name)' failed")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension TestBroker {
    /// The script that controls brokers.
    static var control: String? { ProcessInfo.processInfo.environment["MIMI_RABBITMQ_CONTROL"] }

    fileprivate static var controlPath: String {
        get throws {
            guard let control else { throw Unavailable(description: "MIMI_RABBITMQ_CONTROL is not set") }
            return control
        }
    }
}
