internal import Linux
internal import Sandbox

/// What the sandbox has in /proc, as far as paths lead through it (proc(5)).
enum ProcessFiles {
    /// Which wall stands at a path in /proc.
    static func region(of path: AbsolutePath) -> ViewMap.Region {
        let components = path.components
        guard components.count > 1 else { return .processes }
        func isAmong(_ names: [String]) -> Bool { names.contains { components[1].elementsEqual($0.utf8) } }
        if isAmong(ProcessFileSystem.readOnly) { return .readOnly }
        if isAmong(ProcessFileSystem.maskedFiles + ProcessFileSystem.maskedDirectories) { return .masked }
        return .processes
    }

    /// What lies at a path in /proc, for this caller. Only the links of the caller itself are known; what other
    /// processes' lead to isn't asked.
    static func look(at path: AbsolutePath, _ caller: Caller) -> ViewAnswer {
        let components = path.components
        guard components.count > 1 else { return .directory }
        let isThread = components[1].elementsEqual("thread-self".utf8)
        if components[1].elementsEqual("self".utf8) || isThread {
            if components.count > 2 { return .throughLink }
            guard let numbers = caller.insideNumbers() else { return .something }
            return .link(
                Array((isThread ? "\(numbers.process)/task/\(numbers.thread)" : "\(numbers.process)").utf8))
        }
        guard components[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return .something
        }
        return ownFiles(components[2...], of: components[1], caller)
    }

    private static func ownFiles(
        _ names: ArraySlice<ArraySlice<UInt8>>, of number: ArraySlice<UInt8>, _ caller: Caller
    ) -> ViewAnswer {
        var names = names
        guard let first = names.first else { return .directory }
        guard let numbers = caller.insideNumbers(), number.elementsEqual("\(numbers.process)".utf8) else {
            return .something
        }
        if first.elementsEqual("task".utf8) { names = names.dropFirst(2) }
        guard let name = names.first else { return .directory }
        let isDescriptor = name.elementsEqual("fd".utf8)
        let target: [UInt8]?
        if isDescriptor, let number = names.dropFirst().first {
            target = Int32(String(decoding: number, as: UTF8.self)).flatMap(caller.descriptorPath)
            names = names.dropFirst()
        } else if name.elementsEqual("cwd".utf8) {
            target = caller.workingDirectory()
        } else if name.elementsEqual("root".utf8) {
            target = [UInt8(ascii: "/")]
        } else if name.elementsEqual("exe".utf8) {
            target = caller.program()
        } else {
            return isDescriptor ? .directory : .something
        }
        // A pipe or a deleted file has no path; the link leads there all the same.
        guard let target else { return .something }
        return names.count > 1 ? .throughLink : .link(target)
    }
}
