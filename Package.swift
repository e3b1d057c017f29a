// swift-tools-version: 6.2

import PackageDescription

/// What every Swift target is compiled with.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

/// What the fuzzers reach into, and the same inputs again as a test. `make fuzz` builds the program instead of the test.
let fuzzed: [Target.Dependency] = ["MimiMessaging", "MimiMessagingRabbitMQ", "RabbitMQClient", logging]
let fuzzing: [Target] =
    Context.environment["MIMI_FUZZ"] == nil
    ? [
        .testTarget(
            name: "FuzzTests",
            dependencies: fuzzed,
            exclude: ["Corpus", "Driver", "LibFuzzer"],
            swiftSettings: settings
        )
    ]
    : [
        .target(name: "LibFuzzer", path: "Tests/FuzzTests/LibFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: fuzzed + ["LibFuzzer"],
            path: "Tests/FuzzTests",
            exclude: ["Corpus", "CorpusTests.swift", "LibFuzzer"],
            swiftSettings: settings
        ),
    ]

let package = Package(
    name: "mimi-messaging",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MimiMessaging", targets: ["MimiMessaging"]),
        .library(name: "MimiMessagingRabbitMQ", targets: ["MimiMessagingRabbitMQ"]),
        .library(name: "MimiMessagingTesting", targets: ["MimiMessagingTesting"]),
        .executable(name: "mimi", targets: ["mimi"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CRabbitMQ",
            pkgConfig: "librabbitmq",
            providers: [
                .apt(["librabbitmq-dev", "libssl-dev", "pkg-config"]), .brew(["rabbitmq-c", "openssl@3", "pkgconf"]),
            ]
        ),
        .target(
            name: "RabbitMQClient",
            dependencies: [
                "CRabbitMQ",
                logging,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MimiMessaging",
            dependencies: [
                logging,
                lifecycle,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MimiMessagingRabbitMQ",
            dependencies: [
                "MimiMessaging", "RabbitMQClient", logging, .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MimiMessagingTesting",
            dependencies: ["MimiMessaging", logging],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "mimi",
            dependencies: [
                "MimiMessaging",
                "MimiMessagingRabbitMQ",
                logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // Not a test target: it takes over the whole process.
        .executableTarget(
            name: "Simulation",
            dependencies: [
                "MimiMessaging", "MimiMessagingRabbitMQ", "RabbitMQClient", logging,
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            path: "Tests/Simulation",
            exclude: ["README.md", "planted"],
            swiftSettings: settings
        ),
        // Pieces of the hot path for an instruction counter; here, because it looks inside.
        .executableTarget(
            name: "InProcess",
            dependencies: ["MimiMessaging", "RabbitMQClient", logging],
            path: "Benchmarks/InProcess",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RabbitMQClientTests",
            dependencies: ["RabbitMQClient"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MimiMessagingTests",
            dependencies: [
                "MimiMessaging",
                "MimiMessagingTesting",
                logging,
                lifecycle,
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MimiMessagingRabbitMQTests",
            dependencies: [
                "MimiMessaging", "MimiMessagingRabbitMQ", "MimiMessagingTesting", "RabbitMQClient", logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RabbitMQIntegrationTests",
            dependencies: [
                "Asker", "MimiMessaging", "MimiMessagingRabbitMQ", "MimiMessagingTesting", "RabbitMQClient", logging,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Interoperability/peer.py"],
            swiftSettings: settings
        ),
        // What asks in processes of its own for the tests above; not a product.
        .executableTarget(
            name: "Asker",
            dependencies: ["MimiMessaging", "MimiMessagingRabbitMQ", logging],
            path: "Tests/Asker",
            swiftSettings: settings
        ),
        // The processes of the ledger test, which are run by Tests/Ledger/ledger; not a product.
        .executableTarget(
            name: "Ledger",
            dependencies: [
                "MimiMessaging",
                "MimiMessagingRabbitMQ",
                logging,
                lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            path: "Tests/Ledger/Processes",
            swiftSettings: settings
        ),
        .testTarget(
            name: "MimiTests",
            dependencies: [
                "mimi",
                "MimiMessaging",
                "MimiMessagingRabbitMQ",
                "RabbitMQClient",
                logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: settings
        ),
    ] + fuzzing
)
