internal import Audit
internal import Linux

/// The processes that connected lately: of one that connects again, only what can have changed is read again.
///
/// An open directory of /proc belongs to its process for ever. Whoever has the number afterwards isn't found in it, so
/// what is read through it is of that process or nothing.
struct KnownCallers: ~Copyable {
    /// What stays of a process, and where the rest is read.
    private final class Known {
        let thread: Int32
        let directory: FileDescriptor
        /// The name of the process, whichever of its threads connects.
        let name: FileDescriptor
        var process: AuditedProcess

        init(
            _ thread: Int32, _ directory: consuming FileDescriptor, _ name: consuming FileDescriptor,
            _ process: AuditedProcess
        ) {
            self.thread = thread
            self.directory = directory
            self.name = name
            self.process = process
        }
    }

    /// Each holds two descriptors.
    private static let most = 16
    private static let programLink = CString("exe")

    private var known: [Known] = []
    private var next = 0

    /// Who a caller is.
    struct Found {
        let process: AuditedProcess
        /// Whether that is certain: it has been alive since it had this number first. Else its call has to wait still.
        let isCertain: Bool
    }

    /// Who a caller is; nil when that can't be told, or when it is gone.
    mutating func process(of caller: Caller) -> Found? {
        if let place = known.firstIndex(where: { $0.thread == caller.thread }) {
            if let found = refresh(known[place]) { return found }
            known.remove(at: place)
            next = 0
        }
        return meet(caller).map { Found(process: $0, isCertain: false) }
    }

    /// The socket behind a descriptor of a caller that was asked for, by its inode; nil when that isn't one.
    func socket(_ number: Int32, of caller: Caller) -> UInt32? {
        guard let known = known.first(where: { $0.thread == caller.thread }),
            let target = try? Files.readLink(CString("fd/\(number)"), at: known.directory.number)
        else { return nil }
        return SocketOwners.inode(inLink: target)
    }

    /// Reads anew what execve(2) and prctl(2) change; nil when the process is gone.
    private func refresh(_ known: Known) -> Found? {
        guard let name = try? Files.read(known.name.number, atMost: 64, from: 0) else { return nil }
        let shortened = name.last == UInt8(ascii: "\n") ? name.dropLast() : name[...]
        if !shortened.elementsEqual(known.process.name) { known.process.name = Array(shortened) }
        var isCertain = true
        var program: [UInt8]?
        do throws(Errno) {
            program = Caller.place(try Files.readLink(Self.programLink, at: known.directory.number))
        } catch .noEntry {
            return nil
        } catch .noProcess {
            return nil
        } catch {
            isCertain = false
        }
        if known.process.program != program { known.process.program = program }
        return Found(process: known.process, isCertain: isCertain)
    }

    private mutating func meet(_ caller: Caller) -> AuditedProcess? {
        guard
            let directory = try? Files.open(
                CString("/proc/\(caller.thread)"), [.pathOnly, .directory, .closeOnExec]),
            let status = Caller.read("status", at: directory.number, limit: 8192),
            let numbers = Caller.numbers(inStatus: status),
            let name = try? Files.open(CString("/proc/\(numbers.hostProcess)/comm"), [.read, .closeOnExec])
        else { return nil }
        let met = Known(
            caller.thread, directory, name,
            AuditedProcess(process: numbers.process, hostProcess: numbers.hostProcess, name: []))
        guard let found = refresh(met) else { return nil }
        if known.count < Self.most {
            known.append(met)
        } else {
            known[next] = met
            next = (next + 1) % Self.most
        }
        return found.process
    }
}
