// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is compiled with: a warning is an error, and each use of an unsafe construct
/// is spelled out where it stands.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    // The types of generic collections are made by calls rather than found by their names at run time, which
    // reads the name and searches for conformances: 90 us of a launch (1,567 us of a dry run instead of 1,653).
    .unsafeFlags(
        ["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"],
        .when(configuration: .release)),
]

let package = Package(
    name: "mews",
    products: [
        .executable(name: "mews", targets: ["mews"]),
        .executable(name: "mews-egress", targets: ["mews-egress"]),
        .executable(name: "mews-tools", targets: ["mews-tools"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(name: "CLibseccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CLibcap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "Linux", dependencies: ["CLinux", "CLibcap"], swiftSettings: strict),
        .target(name: "Network", dependencies: ["Linux"], swiftSettings: strict),
        .target(name: "Profile", dependencies: ["Linux", "Network", "CLibYAML"], swiftSettings: strict),
        .target(
            name: "Audit", dependencies: ["Linux", "Network"], exclude: ["README.md", "record.schema.json"],
            swiftSettings: strict),
        .target(
            name: "Sandbox", dependencies: ["Linux", "Network", "Profile", "Audit", "CLibseccomp"],
            swiftSettings: strict),
        .target(
            name: "Supervisor", dependencies: ["Linux", "Network", "Profile", "Audit", "Sandbox"],
            swiftSettings: strict),
        .target(name: "Egress", dependencies: ["Linux", "Network", "CLibseccomp"], swiftSettings: strict),
        .executableTarget(
            name: "mews", dependencies: ["Linux", "Network", "Profile", "Audit", "Sandbox", "Supervisor"],
            exclude: ["functions.order"],
            swiftSettings: strict,
            // Static, because loading libraries is four fifths of a dynamic Swift program's start. What a launch
            // executes lies side by side (scripts/order-functions): 5.4 MiB resident instead of 8.8. lld comes with
            // Swift, and the other linkers have other names for this.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-executable", "-use-ld=lld", "-Xlinker",
                        "--symbol-ordering-file=\(Context.packageDirectory)/Sources/mews/functions.order",
                        "-Xlinker", "--no-warn-symbol-ordering",
                    ],
                    .when(configuration: .release))
            ]),
        .executableTarget(
            name: "mews-egress", dependencies: ["Linux", "Network", "Egress"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))]),
        .executableTarget(
            name: "mews-tools",
            dependencies: [
                "Linux", "Network", "Profile", "Audit", "Sandbox", "Supervisor",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Doctor/report.schema.json"],
            swiftSettings: strict,
            // ArgumentParser is compiled against the shared Foundation and so doesn't ask for the archives
            // that the static one is made of besides.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims",
                        "-lswiftSynchronization",
                    ],
                    .when(configuration: .release))
            ]),
        .executableTarget(
            name: "trial", dependencies: ["Linux", "Profile", "Audit", "Sandbox", "Supervisor"],
            path: "Tests/Trial", swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))]),
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
        .executableTarget(
            name: "door-trial", dependencies: ["Egress", "Linux"], path: "Tests/DoorTrial",
            swiftSettings: strict),
        .testTarget(name: "LinuxTests", dependencies: ["Linux"], swiftSettings: strict),
        .testTarget(
            name: "NetworkTests", dependencies: ["Network", "Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "EgressTests", dependencies: ["Egress", "Network", "Linux", "door-trial", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "ProfileTests", dependencies: ["Profile", "Network", "Linux", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: strict),
        .testTarget(
            name: "AuditTests", dependencies: ["Audit", "Linux", "Network", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SandboxTests",
            dependencies: ["Sandbox", "Profile", "Network", "Linux", "CLibseccomp", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "SupervisorTests",
            dependencies: ["Supervisor", "Sandbox", "Profile", "Network", "Audit", "Linux", "trial"],
            resources: [.copy("Fixtures")],
            swiftSettings: strict),
    ]
)
