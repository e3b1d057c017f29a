import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What this process has, before and after.
struct ResourceMeter {
    struct Leak: Error, CustomStringConvertible {
        let description: String
    }

    /// How much more memory there may be.
    private static let memoryTolerance = 10 * 1024 * 1024

    private let name: String
    private let before: (descriptors: Int, threads: Int)
    private let memoryBefore: Int

    /// Begins, after the warm-up.
    init(_ name: String) throws {
        self.name = name
        before = try resources()
        memoryBefore = try Self.residentBytes()
    }

    /// Waits until descriptors and threads are back, and looks at the memory.
    /// - Throws: ``Leak``.
    func check() throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        var now = try resources()
        while abs(now.descriptors - before.descriptors) > 2 || abs(now.threads - before.threads) > 2 {
            guard ContinuousClock.now < deadline else { break }
            // Threads of connections that are closed end by themselves; nobody tells.
            usleep(20_000)
            now = try resources()
        }
        let growth = try Self.residentBytes() - memoryBefore
        let figures =
            """
            \(name): descriptors \(before.descriptors) -> \(now.descriptors), threads \(before.threads) -> \
            \(now.threads), memory \(memoryBefore / 1024) -> \((memoryBefore + growth) / 1024) KiB
            """
        Self.report(figures)
        guard abs(now.descriptors - before.descriptors) <= 2, abs(now.threads - before.threads) <= 2,
            growth <= Self.memoryTolerance
        else { throw Leak(description: figures) }
    }

    /// Writes a line where people see it: the standard output of the process of a test goes nowhere.
    static func report(_ text: String) { FileHandle.standardError.write(Data("leaks: \(text)\n".utf8)) }

    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw Leak(description: "statm cannot be read") }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
