import Dispatch
import Foundation

/// Runs one piece of the hot path again and again, for an instruction counter; `Benchmarks/check` compares the counts.
@main
struct InProcess {
    // Not asynchronous: the main thread of an asynchronous program ends in `dispatch_main`, which older versions of valgrind
    // do not survive.
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first, let benchmark = Benchmark.all[name], arguments.count == 2,
            let count = arguments.last.flatMap({ Int($0) })
        else {
            let names = Benchmark.all.keys.sorted().joined(separator: "\n")
            FileHandle.standardError.write(Data("usage: InProcess NAME COUNT, where NAME is one of\n\(names)\n".utf8))
            exit(64)
        }
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await benchmark.run(count)
            } catch {
                FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
                exit(70)
            }
            end.signal()
        }
        end.wait()
    }
}

/// One piece.
struct Benchmark: Sendable {
    /// Runs it so many times.
    let run: @Sendable (Int) async throws -> Void

    static let all = wire.merging(messages) { first, _ in first }.merging(buses) { first, _ in first }
}
