import MimiMessagingTesting
import Testing

@Suite("The in-memory adapter keeps every promise")
struct MemoryConformanceTests {
    @Test("case", arguments: AdapterConformance.cases(for: MemoryHarness().features))
    func conformance(_ testCase: ConformanceCase) async throws {
        try await testCase.run(on: MemoryHarness())
    }
}
