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

    /// Between two looks, in microseconds.
    private static let pause: UInt32 = 20_000

    private let name: String
    private let before: (descriptors: Int, threads: Int)
    private let memoryBefore: Int

    /// Begins, after the warm-up, and when what that left to end by itself has ended.
    init(_ name: String) throws {
        self.name = name
        before = try Self.settled()
        memoryBefore = try Self.residentBytes()
    }

    /// Waits until descriptors and threads are back, and looks at the memory.
    /// - Throws: ``Leak``.
    func check() throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        var now = try resources()
        while hasMore(now), .now < deadline {
            usleep(Self.pause)
            now = try resources()
        }
        let growth = try Self.residentBytes() - memoryBefore
        let figures =
            """
            \(name): descriptors \(before.descriptors) -> \(now.descriptors), threads \(before.threads) -> \
            \(now.threads), memory \(memoryBefore / 1024) -> \((memoryBefore + growth) / 1024) KiB
            """
        Self.report(figures)
        guard !hasMore(now), growth <= Self.memoryTolerance else { throw Leak(description: figures) }
    }

    private func hasMore(_ now: (descriptors: Int, threads: Int)) -> Bool {
        now.descriptors - before.descriptors > 2 || now.threads - before.threads > 2
    }

    /// What there is when it has not become less for six seconds. Threads of connections that are closed end by themselves,
    /// nobody tells when; that of an attempt to connect that is given up after the five seconds that an attempt may take.
    private static func settled() throws -> (descriptors: Int, threads: Int) {
        var least = try resources()
        var since = ContinuousClock.now
        while since.duration(to: .now) < .seconds(6) {
            usleep(pause)
            let now = try resources()
            guard now.descriptors < least.descriptors || now.threads < least.threads else { continue }
            least = (min(least.descriptors, now.descriptors), min(least.threads, now.threads))
            since = .now
        }
        return least
    }

    /// Writes a line that the test shows.
    private static func report(_ text: String) { FileHandle.standardError.write(Data("leaks: \(text)\n".utf8)) }

    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw Leak(description: "statm cannot be read") }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
