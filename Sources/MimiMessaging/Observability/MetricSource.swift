import Metrics

/// Makes the instruments of one bus. It asks for the metrics backend once, when the bus is created.
struct MetricSource: Sendable {
    private let system: String
    private let factory: any MetricsFactory

    /// - Returns: nil if the process has no metrics backend: then nothing is measured.
    init?(system: String) {
        let factory = MetricsSystem.factory
        if factory is NOOPMetricsHandler { return nil }
        self.system = system
        self.factory = factory
    }

    func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
        Counter(label: name, dimensions: dimensions(labels), factory: factory)
    }

    func timer(_ name: String, _ labels: [(String, String)] = []) -> Metrics.Timer {
        Metrics.Timer(label: name, dimensions: dimensions(labels), factory: factory)
    }

    func meter(_ name: String, _ labels: [(String, String)] = []) -> Meter {
        Meter(label: name, dimensions: dimensions(labels), factory: factory)
    }

    private func dimensions(_ labels: [(String, String)]) -> [(String, String)] {
        [(AttributeName.system, system)] + labels
    }
}
