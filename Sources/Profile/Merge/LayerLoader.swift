internal import Linux

/// Finds and decodes profiles, and puts them in the order in which they are merged.
struct LayerLoader {
    /// How many profiles may extend one another in a row.
    static let greatestDepth = 8
    /// How many layers there are at most, a profile counted each time it is extended.
    static let greatestCount = 512

    let context: ProfileContext
    let read: PolicyBuilder.Reader
    let list: PolicyBuilder.Lister
    /// What is merged, first to last.
    private(set) var layers: [ProfileLayer] = []
    var diagnostics: [Diagnostic] = []
    private var visits = 0
    /// What has been decoded, each file once.
    private var decoded: [ProfileLayer] = []
    /// The file that was found last, so that it isn't read a second time to be decoded.
    private var found: (file: AbsolutePath, bytes: [UInt8])?
    /// The files that are being loaded, outermost first.
    private var chain: [AbsolutePath] = []

    init(
        context: ProfileContext, read: @escaping PolicyBuilder.Reader, list: @escaping PolicyBuilder.Lister
    ) {
        self.context = context
        self.read = read
        self.list = list
    }

    /// Appends the profile of a `-p`, after everything that it extends.
    ///
    /// - Returns: its name.
    mutating func load(argument: String, from directory: AbsolutePath) -> String {
        let origin = Origin(authority: .user, source: "--profile")
        do throws(Diagnostic) {
            try checkReference(argument, origin)
            guard ProfileReference.isPath(argument) else {
                let (file, kind) = try find(name: argument, origin)
                load(file, kind, origin)
                return argument
            }
            guard let file = path(argument, relativeTo: directory) else {
                throw Diagnostic(
                    origin, "\(quoted(argument)) isn't a path that can be read",
                    remedy: "write it without '..' after other directories")
            }
            load(file, .user, origin)
            return layer(of: file)?.name ?? baseName(file)
        } catch {
            diagnostics.append(error)
            return argument
        }
    }

    /// Appends the repository's file, if it is there.
    mutating func load(repositoryFile file: AbsolutePath) -> ProfileLayer? {
        do throws(Diagnostic) {
            return try decode(file, .repository)
        } catch {
            diagnostics.append(error)
            return nil
        }
    }

    private mutating func load(_ file: AbsolutePath, _ kind: ProfileKind, _ origin: Origin) {
        // Counted on the way down: eight levels of many references each would otherwise never end.
        visits += 1
        do throws(Diagnostic) {
            guard visits <= Self.greatestCount else {
                if visits > Self.greatestCount + 1 { return }
                throw Diagnostic(
                    origin, "more than \(Self.greatestCount) profiles are extended",
                    remedy: "extend each one once")
            }
            try checkChain(file, origin)
            guard let layer = try decode(file, kind) else {
                throw Diagnostic(origin, "there is no profile at \(file)", remedy: "check the path")
            }
            chain.append(file)
            defer { chain.removeLast() }
            for setting in layer.settings where setting.key == .extends && visits <= Self.greatestCount {
                guard case .text(let reference) = setting.value else { continue }
                let origin = setting.origin
                do throws(Diagnostic) {
                    let (file, kind) = try find(reference, beside: file, kind, origin)
                    load(file, kind, origin)
                } catch {
                    diagnostics.append(error)
                }
            }
            layers.append(layer)
        } catch {
            // The same file can be reached many times; what is wrong with it is said once.
            if !diagnostics.contains(error) { diagnostics.append(error) }
        }
    }

    private func checkChain(_ file: AbsolutePath, _ origin: Origin) throws(Diagnostic) {
        guard chain.contains(file) || chain.count >= Self.greatestDepth else { return }
        var names: String { (chain + [file]).map(\.description).joined(separator: " -> ") }
        if chain.contains(file) {
            throw Diagnostic(
                origin, "profiles extend one another in a circle: \(names)", remedy: "remove one")
        }
        throw Diagnostic(
            origin, "more than \(Self.greatestDepth) profiles extend one another: \(names)",
            remedy: "shorten the chain")
    }

    private mutating func decode(_ file: AbsolutePath, _ kind: ProfileKind) throws(Diagnostic)
        -> ProfileLayer?
    {
        if let layer = layer(of: file) { return layer }
        guard let bytes = try content(of: file, kind) else { return nil }
        let decoder = ProfileDecoder(bytes, kind: kind, source: file.description)
        diagnostics += decoder.diagnostics
        let layer = ProfileLayer(file: file, content: bytes, settings: decoder.settings)
        decoded.append(layer)
        return layer
    }

    private func layer(of file: AbsolutePath) -> ProfileLayer? {
        decoded.first { $0.file == file }
    }

    private mutating func content(of file: AbsolutePath, _ kind: ProfileKind) throws(Diagnostic) -> [UInt8]? {
        if let found, found.file == file { return found.bytes }
        return try read(file, kind)
    }
}

extension LayerLoader {
    /// The file that `extends` names: beside the file it stands in, or a profile of the directories.
    private mutating func find(
        _ reference: String, beside file: AbsolutePath, _ kind: ProfileKind, _ origin: Origin
    ) throws(Diagnostic) -> (AbsolutePath, ProfileKind) {
        guard ProfileReference.isPath(reference) else { return try find(name: reference, origin) }
        let isHome = reference.hasPrefix("~/")
        guard let directory = isHome ? context.home : file.parent,
            let found = path(
                isHome ? String(reference.dropFirst(2)) : reference, relativeTo: directory, climbs: false)
        else {
            throw Diagnostic(
                origin, "\(quoted(reference)) isn't a path beside this file",
                remedy: "write it without '..', or as an absolute path")
        }
        return (found, kind)
    }

    /// The file of a profile's name: the user's, then the built-in one; both is an error, since a file that
    /// replaces a built-in profile silently would change what others mean by its name.
    private mutating func find(
        name: String, _ origin: Origin
    ) throws(Diagnostic) -> (AbsolutePath, ProfileKind) {
        let fileName = name + ".yaml"
        let own = context.userProfileDirectory?.appending(fileName)
        let builtIn = context.builtInDirectory.appending(fileName)
        let hasOwn = if let own { try exists(own, .user) } else { false }
        let hasBuiltIn = try exists(builtIn, .builtIn)
        switch (hasOwn ? own : nil, hasBuiltIn) {
        case (let own?, true):
            throw Diagnostic(
                origin, "\(own) has the name of a built-in profile", remedy: "give the file another name")
        case (let own?, false): return (own, .user)
        case (nil, true): return (builtIn, .builtIn)
        case (nil, false): throw unknown(name, origin)
        }
    }

    private mutating func exists(_ file: AbsolutePath, _ kind: ProfileKind) throws(Diagnostic) -> Bool {
        if layer(of: file) != nil { return true }
        guard let bytes = try read(file, kind) else { return false }
        found = (file, bytes)
        return true
    }

    private func unknown(_ name: String, _ origin: Origin) -> Diagnostic {
        let names = ProfileNames.all(context: context, list: list).map(\.name)
        var remedy = names.isEmpty ? "see mews profile list" : "known are \(names.joined(separator: ", "))"
        if let guess = Suggestion.nearest(to: name, among: names) {
            remedy = "did you mean \(guess)? \(remedy)"
        }
        return Diagnostic(origin, "there is no profile \(quoted(name))", remedy: remedy)
    }

    private func checkReference(_ text: String, _ origin: Origin) throws(Diagnostic) {
        do throws(ScalarError) {
            try ProfileReference.check(text)
        } catch {
            throw Diagnostic(origin, error.problem, remedy: error.remedy)
        }
    }

    private func path(_ text: String, relativeTo directory: AbsolutePath, climbs: Bool = true)
        -> AbsolutePath?
    {
        let bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "/") { return AbsolutePath(bytes) }
        guard let (base, rest) = RelativePath.split(bytes, below: directory, climbs: climbs), !rest.isEmpty
        else {
            return nil
        }
        return base.appending(relative: rest)
    }

    private func baseName(_ file: AbsolutePath) -> String {
        let name = PrintableText.escape(file.lastComponent)
        return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
    }
}
