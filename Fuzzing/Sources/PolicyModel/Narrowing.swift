internal import Fuzzer
internal import Linux
public import Profile

/// The promise about a repository's file: with it nothing is allowed that its user alone doesn't allow.
public enum Narrowing {
    /// Checks every part of a policy with the repository's file against the one without.
    public static func check(_ narrowed: Policy, against alone: Policy) {
        let workspace = ModelHost.context.workspace
        let (before, after) = (
            PolicyModel(alone, workspace: workspace), PolicyModel(narrowed, workspace: workspace)
        )
        for path in PolicyModel.probes([narrowed, alone]) {
            let (was, becomes) = (before.access(at: path), after.access(at: path))
            Fuzzer.check(becomes <= was, "\(path) was \(was) and is \(becomes)")
        }
        checkFileSystem(narrowed.fileSystem, alone.fileSystem)
        checkProcess(narrowed.process, alone.process)
        NetworkNarrowing.check(narrowed.network, against: alone.network)
        Fuzzer.check(narrowed.require.value >= alone.require.value, "a lower level is required")
    }

    private static func checkFileSystem(_ narrowed: FileSystemPolicy, _ alone: FileSystemPolicy) {
        let denied = Set(narrowed.deny.map(\.pattern.written))
        Fuzzer.check(alone.deny.allSatisfy { denied.contains($0.pattern.written) }, "a denial was lost")
        let protected = Set(narrowed.protect.map(\.pattern.written))
        Fuzzer.check(
            alone.protect.allSatisfy { protected.contains($0.pattern.written) }, "a protection was lost")
        Fuzzer.check(narrowed.floor.count == alone.floor.count, "the floor changed")
        Fuzzer.check(narrowed.reserved.count == alone.reserved.count, "what is reserved changed")
        Fuzzer.check(narrowed.hide.value || !alone.hide.value, "something was unhidden")
        Fuzzer.check(narrowed.temporarySize.value <= alone.temporarySize.value, "/tmp grew")
        for grant in narrowed.grants where grant.createsDirectory {
            Fuzzer.check(
                alone.grants.contains {
                    $0.createsDirectory && $0.pattern.prefix == grant.pattern.prefix
                        && $0.access >= grant.access
                },
                "a directory is made that the user doesn't make: \(grant)")
        }
    }

    private static func checkProcess(_ narrowed: ProcessPolicy, _ alone: ProcessPolicy) {
        for name in narrowed.pass.map(\.value) {
            let isCovered = alone.pass.contains { granted in
                granted.value == name
                    || (granted.value.hasSuffix("*") && name.hasPrefix(granted.value.dropLast()))
            }
            Fuzzer.check(isCovered, "\(name) is handed on")
        }
        Fuzzer.check(narrowed.set.map(\.name) == alone.set.map(\.name), "a variable is set")
        Fuzzer.check(
            narrowed.set.map(\.value.value) == alone.set.map(\.value.value), "a variable is set differently")
        let limits: [KeyPath<Limits, Sourced<UInt64>?>] = [\.time, \.processes, \.openFiles, \.fileSize]
        for limit in limits {
            guard let before = alone.limits[keyPath: limit]?.value else { continue }
            let after = narrowed.limits[keyPath: limit]?.value
            Fuzzer.check(after ?? .max <= before, "a limit was raised from \(before)")
        }
        let allowed = Set(alone.allowedSyscalls.map(\.value))
        Fuzzer.check(
            narrowed.allowedSyscalls.allSatisfy { allowed.contains($0.value) }, "a system call is allowed")
        let denied = Set(narrowed.deniedSyscalls.map(\.value))
        Fuzzer.check(
            alone.deniedSyscalls.allSatisfy { denied.contains($0.value) }, "a system call is no longer denied"
        )
        Fuzzer.check(!narrowed.debug.value || alone.debug.value, "ptrace is allowed")
    }
}
