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

let package = Package(
    name: "mimi-messaging",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MimiMessaging", targets: ["MimiMessaging"]),
        .library(name: "MimiMessagingRabbitMQ", targets: ["MimiMessagingRabbitMQ"]),
        .library(name: "MimiMessagingTesting", targets: ["MimiMessagingTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
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
                "MimiMessaging", "MimiMessagingRabbitMQ", "MimiMessagingTesting", "RabbitMQClient", logging,
            ],
            exclude: ["Interoperability/peer.py"],
            swiftSettings: settings
        ),
    ]
)
