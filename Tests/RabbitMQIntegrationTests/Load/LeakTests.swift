import Foundation
import Testing

/// Descriptors and threads end where they began, and memory where it was after the warm-up. Each test has a process of
/// its own, since it counts what the process has.
///
/// In small; with `MIMI_LEAKS=all` (`make leaks`) at the size at which a slow leak shows.
@Suite(
    "Nothing leaks", .serialized, .timeLimit(.minutes(30)),
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/statm"), "only /proc tells"))
struct LeakTests {
    @Test func reconnecting() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            try await LeakProbe.run(LeakProbe.reconnects)
        }
        report(result)
    }

    @Test func stopping() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            try await LeakProbe.run(LeakProbe.stops)
        }
        report(result)
    }

    @Test func sendingAndProcessing() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            try await LeakProbe.run(LeakProbe.messages)
        }
        report(result)
    }

    @Test func queriesThatNobodyAnswers() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            try await LeakProbe.run(LeakProbe.timedOutQueries)
        }
        report(result)
    }

    /// The figures, or what was wrong.
    private func report(_ result: ExitTest.Result?) {
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        for line in output.split(separator: "\n") where line.hasPrefix(ResourceMeter.mark) { print(line) }
    }
}
