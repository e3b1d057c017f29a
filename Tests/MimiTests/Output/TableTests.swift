import ArgumentParser
import Testing

@testable import mimi

@Suite("Output for people")
struct TableTests {
    @Test func columnsAreAlignedAndNumbersStandOnTheRight() {
        var table = Table("COUNT", "ERROR", "X")
        table.append("3", "timeout", "a")
        table.append("1200", "boom", "")
        #expect(table.lines == ["COUNT  ERROR    X", "    3  timeout  a", " 1200  boom"])
    }

    @Test func textFromOutsideHasNoPowerOverTheTerminal() {
        var table = Table("A")
        table.append("\u{1B}[31mred\n")
        #expect(table.lines[1] == "\\u{1B}[31mred\\n")
    }

    @Test func theBarShowsHowFarItIs() {
        #expect(Progress.text("sending", 6, 12, .seconds(3)) == "sending  [████████████░░░░░░░░░░░░] 6/12  2/s")
        #expect(Progress.text("sending", 6, nil, .seconds(2)) == "sending  6  3/s")
        #expect(Progress.text("sending", 50, 12, .zero).contains("] 50/12"))
    }

    @Test(arguments: [(7, "7 µs"), (1234, "1.23 ms"), (45_600, "45.6 ms"), (999_999, "1000 ms"), (2_500_000, "2.50 s")])
    func timesHaveThreeDigits(microseconds: UInt64, text: String) {
        #expect(Units.microseconds(microseconds) == text)
    }

    @Test(arguments: [Int.min, -1, 253_402_300_800, .max]) func timesThatCannotBeAreNotShown(seconds: Int) {
        #expect(Units.time(seconds) == "-" && Units.age(since: seconds) == "-")
    }

    @Test func exitStatusesHaveEachTheirNumberInTheHelp() {
        #expect(Set(ExitStatus.allCases.map(\.rawValue)).count == ExitStatus.allCases.count)
        for status in ExitStatus.allCases { #expect(Mimi.helpMessage().contains(" \(status.rawValue)  ")) }
    }
}
