public import Linux

/// Where this installation keeps its parts; relocatable, so found from the running program.
public struct Installation: Sendable {
    /// The directory above `bin`.
    public let prefix: AbsolutePath

    init(prefix: AbsolutePath) {
        self.prefix = prefix
    }

    /// Finds the installation that the running program belongs to.
    ///
    /// - Throws: `failed` when the program doesn't lie in a `bin` or `libexec/mews` directory.
    public init() throws(SandboxError) {
        let path: [UInt8]
        do throws(Errno) {
            path = try Files.readLink(CString("/proc/self/exe"))
        } catch {
            throw SandboxError(.failed, "cannot find out where mews is installed", errno: error)
        }
        guard let program = AbsolutePath(path), let directory = program.parent, let above = directory.parent
        else { throw SandboxError(.failed, "cannot find out where mews is installed") }
        let isHelper = directory.lastComponent.elementsEqual("mews".utf8)
        prefix = isHelper ? above.parent ?? .root : above
    }

    /// The directory of the built-in profiles.
    public var profiles: AbsolutePath {
        prefix.appending("share").appending("mews").appending("profiles")
    }

    /// The command itself.
    public var program: AbsolutePath {
        prefix.appending("bin").appending("mews")
    }

    /// The command under the name by which agents call it.
    public var shell: AbsolutePath {
        prefix.appending("bin").appending("mews-shell")
    }

    /// The program with the verbs that aren't on the launch path.
    public var tools: AbsolutePath {
        prefix.appending("libexec").appending("mews").appending("mews-tools")
    }

    /// The network's door, which every connection of a sandbox goes through.
    public var egress: AbsolutePath {
        prefix.appending("libexec").appending("mews").appending("mews-egress")
    }
}
