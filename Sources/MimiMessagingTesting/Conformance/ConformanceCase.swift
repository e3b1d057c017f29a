/// One promise of the layer, and how to find out whether an adapter keeps it.
public struct ConformanceCase: Sendable, Identifiable, CustomStringConvertible {
    /// What is tried, unique within the suite.
    public let name: String
    /// The sentence of the contract that is tested.
    public let promise: String
    let need: (@Sendable (AdapterFeatures) -> Bool)?
    let body: @Sendable (World) async throws -> Void

    init(
        _ name: String, _ promise: String, needs need: (@Sendable (AdapterFeatures) -> Bool)? = nil,
        _ body: @escaping @Sendable (World) async throws -> Void
    ) {
        self.name = name
        self.promise = promise
        self.need = need
        self.body = body
    }

    public var id: String { name }

    public var description: String { name }

    /// Whether an adapter has what this case is about.
    public func applies(to features: AdapterFeatures) -> Bool { need?(features) ?? true }

    /// Tries it, in a namespace of its own. What the case has started is stopped when this returns.
    ///
    /// Cases have time limits: run a few at a time, not all at once.
    /// - Throws: ``ConformanceFailure`` with the name of the case and its promise.
    public func run(on harness: any ConformanceHarness) async throws {
        let world = World(harness: harness)
        var failure: (any Error)?
        do {
            guard applies(to: harness.features) else {
                throw ConformanceFailure("the adapter has nothing that this is about", fileID: "", line: 0)
            }
            try await within(world.patience * 10, "the end of the case") { [body] in try await body(world) }
        } catch {
            failure = error
        }
        do {
            try await world.end()
        } catch {
            // The first failure tells more.
            failure = failure ?? error
        }
        if let failure { throw named(failure) }
    }

    private func named(_ error: any Error) -> ConformanceFailure {
        var failure = error as? ConformanceFailure ?? ConformanceFailure("\(error)", fileID: "", line: 0)
        failure.caseName = name
        failure.promise = promise
        return failure
    }
}
