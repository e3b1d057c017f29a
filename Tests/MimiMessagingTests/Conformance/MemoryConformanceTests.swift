import MimiMessagingTesting
import Testing

@Suite("The in-memory adapter keeps every promise")
struct MemoryConformanceTests {
    // One after the other, since hundreds at a time would wait for each other more than for the adapter.
    @Test("case", .serialized, arguments: AdapterConformance.cases(for: MemoryHarness().features))
    func conformance(_ testCase: ConformanceCase) async throws {
        try await testCase.run(on: MemoryHarness())
    }
}
