// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// How fast records are written: a package of its own, so that no program for measuring is part of what people
/// install. The modules below are links to the sources of the main package.
let package = Package(
    name: "mews-records",
    targets: [
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(name: "CLibcap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .target(name: "Linux", dependencies: ["CLinux", "CLibcap"], swiftSettings: strict),
        .target(name: "Network", dependencies: ["Linux"], swiftSettings: strict),
        .target(name: "Audit", dependencies: ["Linux", "Network"], exclude: ["README.md", "record.schema.json"], swiftSettings: strict),
        .executableTarget(name: "records", dependencies: ["Linux", "Audit"], swiftSettings: strict),
    ]
)
