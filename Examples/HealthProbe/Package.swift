// swift-tools-version: 6.2

import PackageDescription

// A package of its own: an HTTP server takes longer to build than everything else here together.
let package = Package(
    name: "health-probe",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "mimi-messaging", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "HealthProbe",
            dependencies: [
                .product(name: "MimiMessaging", package: "mimi-messaging"),
                .product(name: "MimiMessagingRabbitMQ", package: "mimi-messaging"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            path: "Sources"
        )
    ]
)
