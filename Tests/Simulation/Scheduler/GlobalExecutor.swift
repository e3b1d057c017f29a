#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Makes Swift concurrency give its jobs to a ``Scheduler`` instead of to threads.
enum GlobalExecutor {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    // Unchecked: set and read by the one thread there is.
    nonisolated(unsafe) static var scheduler: Scheduler?

    /// What the runtime calls "no particular executor". It has no public name; its representation is two zeros.
    static var generic: UnownedSerialExecutor {
        unsafe unsafeBitCast((0, 0) as (Int, Int), to: UnownedSerialExecutor.self)
    }

    /// Takes the place of the runtime's global executor. Everything asynchronous here sleeps by ``VirtualClock``, so the
    /// runtime's own timers are not used; to use them is a mistake, and ends the process.
    static func install() {
        set("swift_task_enqueueGlobal_hook") { job, _ in
            guard let scheduler = unsafe GlobalExecutor.scheduler else {
                preconditionFailure("a job outside of a simulation")
            }
            scheduler.enqueue(job)
        }
        for timer in ["swift_task_enqueueGlobalWithDelay_hook", "swift_task_enqueueGlobalWithDeadline_hook"] {
            set(timer) { _, _ in preconditionFailure("something sleeps in real time") }
        }
    }

    /// The runtime exports its hooks as variables, but declares them in C++ only.
    private static func set(_ name: String, _ hook: @escaping Hook) {
        guard let variable = unsafe dlsym(dlopen(nil, RTLD_NOW), name) else {
            preconditionFailure("the concurrency runtime has no \(name)")
        }
        unsafe variable.assumingMemoryBound(to: Hook?.self).pointee = hook
    }
}
