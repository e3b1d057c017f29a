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
        let ended = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            await LeakProbe.run(LeakProbe.reconnects)
        }
        show(ended)
    }

    @Test func stopping() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            await LeakProbe.run(LeakProbe.stops)
        }
        show(ended)
    }

    @Test func sendingAndProcessing() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            await LeakProbe.run(LeakProbe.messages)
        }
        show(ended)
    }

    @Test func queriesThatNobodyAnswers() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            await LeakProbe.run(LeakProbe.timedOutQueries)
        }
        show(ended)
    }

    /// Shows the figures: what the process of a test writes goes nowhere by itself.
    private func show(_ ended: ExitTest.Result?) {
        FileHandle.standardError.write(Data(ended?.standardErrorContent ?? []))
    }
}
