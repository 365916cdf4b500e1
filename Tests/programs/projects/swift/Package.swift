// swift-tools-version: 5.9
import PackageDescription

let package = Package(
    name: "greet",
    targets: [
        .target(name: "Greeting"),
        .executableTarget(name: "greet", dependencies: ["Greeting"]),
        .testTarget(name: "GreetingTests", dependencies: ["Greeting"]),
    ]
)
