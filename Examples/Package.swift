// swift-tools-version: 6.2

import PackageDescription

let messaging = Target.Dependency.product(name: "MimiMessaging", package: "mimi-messaging")
let rabbitMQ = Target.Dependency.product(name: "MimiMessagingRabbitMQ", package: "mimi-messaging")
let testing = Target.Dependency.product(name: "MimiMessagingTesting", package: "mimi-messaging")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTesting = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

// No settings beyond those of a new package: the library has to be pleasant there, too.
let package = Package(
    name: "examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "mimi-messaging", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.3"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "HelloMemory",
            dependencies: [messaging],
            path: "HelloMemory",
            exclude: ["README.md", "expected-output.txt", "run.sh"]
        ),
        .executableTarget(
            name: "Shop",
            dependencies: [messaging, rabbitMQ, arguments, logging, lifecycle],
            path: "Shop",
            exclude: ["README.md", "chaos.sh", "demo.sh", "expected-output.txt", "run.sh", "stage.sh"]
        ),
        .executableTarget(
            name: "Service",
            dependencies: [messaging, rabbitMQ, arguments, logging, lifecycle, configuration],
            path: "Service",
            exclude: ["README.md", "expected-output.txt", "run.sh"]
        ),
        // The code that README.md and the documentation quote; Scripts/check-snippets compares. (Not in a folder Snippets,
        // in which SwiftPM takes each file for a program.)
        .target(
            name: "DocumentedCode",
            dependencies: [messaging, rabbitMQ, logging, lifecycle, configuration],
            path: "DocumentedCode"
        ),
        .testTarget(
            name: "DocumentedTests",
            dependencies: [messaging, testing, logging, metrics, metricsTesting],
            path: "DocumentedTests"
        ),
    ]
)
