// swift-tools-version: 6.2

import PackageDescription

/// The settings of the library, so that the examples show what compiles under them.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
]

let messaging = Target.Dependency.product(name: "MimiMessaging", package: "mimi-messaging")
let rabbitMQ = Target.Dependency.product(name: "MimiMessagingRabbitMQ", package: "mimi-messaging")
let testing = Target.Dependency.product(name: "MimiMessagingTesting", package: "mimi-messaging")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

let package = Package(
    name: "examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "mimi-messaging", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "HelloMemory",
            dependencies: [messaging],
            path: "HelloMemory",
            exclude: ["README.md", "expected-output.txt", "run.sh"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Shop",
            dependencies: [messaging, rabbitMQ, arguments, logging, lifecycle],
            path: "Shop",
            exclude: ["README.md", "demo.sh", "expected-output.txt", "run.sh"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Service",
            dependencies: [messaging, rabbitMQ, arguments, logging, lifecycle, configuration],
            path: "Service",
            exclude: ["README.md", "expected-output.txt", "run.sh"],
            swiftSettings: settings
        ),
        // The code that README.md and the documentation quote; Scripts/check-snippets compares.
        .target(
            name: "Snippets",
            dependencies: [messaging, rabbitMQ, logging, lifecycle, configuration],
            path: "Snippets",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SnippetTests",
            dependencies: [messaging, testing],
            path: "SnippetTests",
            swiftSettings: settings
        ),
    ]
)
