import Metrics
import MetricsTestKit
import Testing

@testable import MimiMessaging

@Suite struct BoundedCacheTests {
    @Test func valuesAreMadeOnce() {
        let made = Lock(0)
        let cache = BoundedCache<String, Int>(limit: 2) { key in
            made.withLock { $0 += 1 }
            return key.count
        }
        #expect(cache["a"] == 1)
        #expect(cache["a"] == 1)
        #expect(cache["bb"] == 2)
        #expect(made.withLock { $0 } == 2)
    }

    @Test func whatIsTooManyHasNoValue() {
        let cache = BoundedCache<Int, Int>(limit: 2) { $0 }
        #expect((1...1_000).compactMap { cache[$0] } == [1, 2])
        #expect(cache[2] == 2)
        #expect(cache[3] == nil)
    }

    @Test func errorsAreBounded() throws {
        let metrics = TestMetrics()
        let source = try #require(withMetricsFactory(metrics) { MetricSource(system: "test") })
        let operation = OperationMetrics(source, count: "count", duration: "duration", labels: [])
        for number in 1...1_000 { operation.ended("error\(number)", after: .zero) }
        let counted = metrics.counters.filter { $0.totalValue > 0 }
        #expect(counted.count == 21)
        let system = ("messaging.system", "test")
        #expect(try metrics.expectCounter("count", [system, ("error.type", "error1")]).totalValue == 1)
        #expect(try metrics.expectCounter("count", [system, ("error.type", "other")]).totalValue == 980)
    }
}
