#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs seeds, and says what they gave. See README.md.
@main
struct SimulationCommand {
    /// How many seeds to run.
    private var seeds: UInt64 = 1000
    /// The first of them.
    private var first: UInt64 = 1
    /// Every so many seeds one is run twice, to see that it gives the same.
    private var verifyEvery: UInt64 = 100
    /// Whether to print the history of each seed.
    private var prints = false
    /// Whether to end with the first seed that fails.
    private var endsAtFailure = false

    static func main() {
        // The order of a Set or a Dictionary must not depend on the run.
        guard unsafe getenv("SWIFT_DETERMINISTIC_HASHING") != nil else {
            fail("set SWIFT_DETERMINISTIC_HASHING=1; Scripts/simulate does")
        }
        let command = SimulationCommand(Array(CommandLine.arguments.dropFirst()))
        CrashReport.install()
        GlobalExecutor.install()
        command.run()
    }

    private init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--print":
                prints = true
                continue
            case "--until-failure":
                endsAtFailure = true
                continue
            default: break
            }
            guard let value = rest.popFirst().flatMap({ UInt64($0) }) else { Self.usage() }
            switch argument {
            case "--seeds": seeds = value
            case "--first": first = value
            case "--verify-every": verifyEvery = max(1, value)
            default: Self.usage()
            }
        }
    }

    private func run() {
        let start = ContinuousClock.now
        var totals = Totals()
        for seed in first..<(first + seeds) {
            unsafe CrashReport.seed = seed
            let result = Course.run(seed: seed, keepsNotes: prints)
            if prints { print(result.notes.joined(separator: "\n")) }
            totals.add(result)
            if !result.violations.isEmpty { report(seed, result) }
            if seed % verifyEvery == 0 || !result.violations.isEmpty {
                let again = Course.run(seed: seed, keepsNotes: !result.violations.isEmpty)
                if again.digest != result.digest {
                    Self.fail("seed \(seed) FAILED: it gave another history when it was run again")
                }
            }
            if endsAtFailure, totals.failed > 0 { break }
        }
        print("\(totals), \(Int((ContinuousClock.now - start) / .milliseconds(1))) ms")
        exit(totals.failed == 0 ? 0 : 1)
    }

    private func report(_ seed: UInt64, _ result: Course.Result) {
        print("seed \(seed) FAILED; replay it with: make simulate SEEDS=1 SEED=\(seed) PRINT=1")
        for violation in result.violations.prefix(10) { print("    \(violation)") }
        fflush(nil)
    }

    private static func usage() -> Never {
        fail("usage: Simulation [--seeds N] [--first SEED] [--verify-every N] [--until-failure] [--print]")
    }

    private static func fail(_ text: String) -> Never {
        print(text)
        exit(2)
    }
}

/// What many seeds gave together.
private struct Totals: CustomStringConvertible {
    private var seeds = 0
    private(set) var failed = 0
    private var accepted = 0
    private var processed = 0
    private var duplicates = 0
    private var faults = 0
    private var steps = 0

    mutating func add(_ result: Course.Result) {
        seeds += 1
        failed += result.violations.isEmpty ? 0 : 1
        accepted += result.accepted
        processed += result.processed
        duplicates += result.duplicates
        faults += result.faults
        steps += result.steps
    }

    var description: String {
        "seeds \(seeds), failed \(failed), accepted \(accepted), processed \(processed), duplicates \(duplicates), "
            + "faults \(faults), steps \(steps)"
    }
}
