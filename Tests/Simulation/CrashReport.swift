#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Says which seed it was when the process dies of a trap: that is a violation, too.
enum CrashReport {
    // Unchecked: one thread, and its signal handler.
    nonisolated(unsafe) static var seed: UInt64 = 0

    static func install() {
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
            signal(number) { number in
                // The process is about to die: what is not allowed in a handler can do little harm.
                print("seed \(unsafe CrashReport.seed) FAILED: the process died of signal \(number)")
                fflush(nil)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
