// swift-tools-version: 6.2

import PackageDescription

// The program that is measured against a broker; `make bench` runs it beside its peers. What can be measured without a
// broker is a target of the package above, because it looks inside.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "mimi-messaging", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.3"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.3.0"),
    ],
    targets: [
        .executableTarget(
            name: "BusBenchmark",
            dependencies: [
                .product(name: "MimiMessaging", package: "mimi-messaging"),
                .product(name: "MimiMessagingRabbitMQ", package: "mimi-messaging"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            path: "Bus",
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        )
    ]
)
