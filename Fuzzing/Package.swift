// swift-tools-version: 6.2
import PackageDescription

/// Every target is instrumented: without the counters in the readers the fuzzer would be mutating blindly, and
/// without the address sanitizer what goes wrong in libyaml's memory could pass unseen.
let sanitizers = "-sanitize=fuzzer,address"

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // The checks of the optimised code are those that users run; the readers are internal.
    .unsafeFlags([sanitizers, "-enable-testing"]),
]

/// A fuzzer is a program that hands its property to libFuzzer's driver.
func fuzzer(_ name: String, _ readers: Target.Dependency...) -> Target {
    .executableTarget(
        name: name, dependencies: ["Fuzzer", "Linux"] + readers, swiftSettings: strict,
        linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])])
}

/// The fuzzers, in a package of their own: an instrumented build shares nothing with the one that people run,
/// and the main package stays as small as it is. The modules below are links to its sources.
let package = Package(
    name: "mews-fuzzing",
    targets: [
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(name: "CLibseccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CLibcap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CLibFuzzer"),
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
        .target(name: "Fuzzer", dependencies: ["CLibFuzzer", "Linux"], swiftSettings: strict),
        .target(
            name: "PolicyModel", dependencies: ["Fuzzer", "Linux", "Network", "Profile"],
            swiftSettings: strict),
        fuzzer("FuzzProfile", "Profile", "PolicyModel"),
        fuzzer("FuzzRepository", "Profile", "PolicyModel"),
        fuzzer("FuzzNarrowing", "Profile", "PolicyModel"),
        fuzzer("FuzzLargeProfile", "Profile", "PolicyModel"),
        fuzzer("FuzzPattern", "Profile"),
        fuzzer("FuzzGitLink", "Sandbox"),
        fuzzer("FuzzMessages", "Sandbox"),
        fuzzer("FuzzSkeleton", "Audit", "Sandbox", "Supervisor", "Profile"),
        fuzzer("FuzzRedaction", "Audit"),
        fuzzer("FuzzIndex", "Sandbox"),
        fuzzer("FuzzAudit", "Audit"),
        fuzzer("FuzzLedger", "Audit"),
        fuzzer("FuzzNotification", "Supervisor"),
        fuzzer("FuzzPackets", "Supervisor"),
        fuzzer("FuzzPublished", "Network", "Profile", "Sandbox"),
        fuzzer("FuzzAgent", "Sandbox"),
        fuzzer("FuzzHost", "Network"),
        fuzzer("FuzzDoor", "Network"),
        fuzzer("FuzzClientHello", "Egress", "Network"),
        fuzzer("FuzzSocks", "Egress", "Network"),
        fuzzer("FuzzExchange", "Egress", "Network"),
        fuzzer("FuzzNameMessage", "Egress"),
        fuzzer("FuzzNameServer", "Egress", "Network"),
        fuzzer("FuzzNameAnswer", "Egress", "Network"),
        fuzzer("FuzzResolverFiles", "Egress", "Network"),
    ]
)
