/// Lets a limited number of operations run at a time.
actor Turnstile {
    /// For all tests of faults: each has several connections with their threads, and bounds to keep.
    static let faults = Turnstile(limit: 6)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) { free = limit }

    nonisolated func pass<Result>(_ operation: () async throws -> Result) async rethrows -> Result {
        await enter()
        do {
            let result = try await operation()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
