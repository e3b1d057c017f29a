import Foundation
import Testing

/// Descriptors and threads end where they began, and memory where it was after the warm-up. Each test has a process of
/// its own, since it counts what the process has.
///
/// With `MIMI_LEAKS=some` in small, with `MIMI_LEAKS=all` (`make leaks`) at the size at which a slow leak shows.
@Suite(
    "Nothing leaks", .serialized, .timeLimit(.minutes(30)),
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/statm"), "only /proc tells"),
    .enabled(if: ProcessInfo.processInfo.environment["MIMI_LEAKS"]?.isEmpty == false, "MIMI_LEAKS asks for them"))
struct LeakTests {
    @Test func reconnecting() async {
        await #expect(processExitsWith: .success) { try await LeakProbe.run(LeakProbe.reconnects) }
    }

    @Test func stopping() async {
        await #expect(processExitsWith: .success) { try await LeakProbe.run(LeakProbe.stops) }
    }

    @Test func sendingAndProcessing() async {
        await #expect(processExitsWith: .success) { try await LeakProbe.run(LeakProbe.messages) }
    }

    @Test func queriesThatNobodyAnswers() async {
        await #expect(processExitsWith: .success) { try await LeakProbe.run(LeakProbe.timedOutQueries) }
    }
}
