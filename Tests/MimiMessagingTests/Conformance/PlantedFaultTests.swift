import MimiMessaging
import MimiMessagingTesting
import Testing

@Suite("The conformance suite finds what is wrong")
struct PlantedFaultTests {
    /// What is wrong often shows by something that does not happen: short, but long enough for a busy machine.
    private let features = AdapterFeatures(patience: .seconds(8))

    @Test("planted fault", arguments: PlantedFault.allCases)
    func fault(_ fault: PlantedFault) async throws {
        let testCase = try #require(AdapterConformance.cases.first { $0.name == fault.finding.name })
        let harness = MemoryHarness(features: features) { FaultyAdapter($0, fault: fault) }
        let failure = await #expect(throws: ConformanceFailure.self) { try await testCase.run(on: harness) }
        #expect(failure?.caseName == fault.finding.name)
        #expect(failure?.message.contains(fault.finding.reason) == true, "\(String(describing: failure))")
    }

    @Test("the faulty adapter without a fault passes")
    func noFault() async throws {
        for name in Set(PlantedFault.allCases.map(\.finding.name)) {
            let testCase = try #require(AdapterConformance.cases.first { $0.name == name })
            try await testCase.run(on: MemoryHarness { FaultyAdapter($0, fault: nil) })
        }
    }

    @Test("names of cases are unique, and there are enough")
    func names() {
        let names = AdapterConformance.cases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count >= 60)
    }

    @Test("a case about what an adapter lacks fails instead of passing for nothing")
    func needs() async throws {
        let testCase = try #require(
            AdapterConformance.cases.first { !$0.applies(to: AdapterFeatures(hasLinks: false)) })
        #expect(!AdapterConformance.cases(for: AdapterFeatures(hasLinks: false)).contains { $0.name == testCase.name })
        await #expect(throws: ConformanceFailure.self) { try await testCase.run(on: MemoryHarness()) }
    }
}
