import Audit
import Foundation
import Linux
import Testing

@testable import Supervisor

@Suite("A process that is known is never taken for another")
struct KnownCallersTests {
    /// Asks until the answer is as expected, or a long time is over.
    private func wait(_ isTrue: () -> Bool) -> Bool {
        let end = Date().addingTimeInterval(60)
        while !isTrue() {
            if Date() > end { return false }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return true
    }

    private func name(of found: KnownCallers.Found?) -> String? {
        found.map { String(decoding: $0.process.name, as: UTF8.self) }
    }

    @Test("it is read as what it is now, also after execve(2), and not at all when it is gone")
    func execution() throws {
        let process = Process()
        let input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "read line; exec cat >/dev/null"]
        process.standardInput = input
        try process.run()
        let caller = Caller(thread: process.processIdentifier)
        var known = KnownCallers()
        #expect(wait { name(of: known.process(of: caller)) == "sh" })
        let first = known.process(of: caller)
        #expect(first?.isCertain == true)
        #expect(first?.process.hostProcess == process.processIdentifier)
        #expect(first?.process == caller.actingProcess())
        try input.fileHandleForWriting.write(contentsOf: Array("go\n".utf8))
        #expect(wait { name(of: known.process(of: caller)) == "cat" })
        let second = known.process(of: caller)
        #expect(second?.isCertain == true)
        #expect(second?.process.program != first?.process.program)
        #expect(second?.process == caller.actingProcess())
        try Processes.signal(process.processIdentifier, Signals.kill)
        #expect(wait { known.process(of: caller) == nil })
    }

    @Test("its sockets are told from what else it has open")
    func sockets() throws {
        let caller = Caller(thread: ProcessInfo.processInfo.processIdentifier)
        let pair = try Sockets.pair()
        let nothing = try Files.open(CString("/dev/null"), [.read, .closeOnExec])
        var known = KnownCallers()
        #expect(known.socket(pair.first.number, of: caller) == nil)
        #expect(known.process(of: caller) != nil)
        let inode = known.socket(pair.first.number, of: caller)
        #expect(inode != nil)
        #expect(inode.map(UInt64.init) == (try Files.status(of: pair.first.number).identity.inode))
        #expect(known.socket(pair.second.number, of: caller) != inode)
        #expect(known.socket(nothing.number, of: caller) == nil)
        #expect(known.socket(1 << 20, of: caller) == nil)
    }

    @Test("of many the last are kept")
    func many() throws {
        var known = KnownCallers()
        var processes: [Process] = []
        var inputs: [Pipe] = []
        for _ in 0..<24 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/cat")
            inputs.append(Pipe())
            process.standardInput = inputs.last
            try process.run()
            processes.append(process)
        }
        for _ in 0..<2 {
            for process in processes {
                let caller = Caller(thread: process.processIdentifier)
                #expect(known.process(of: caller)?.process.hostProcess == process.processIdentifier)
                #expect(known.process(of: caller)?.isCertain == true)
            }
        }
        // What holds signals back hands that on.
        for process in processes { try Processes.signal(process.processIdentifier, Signals.kill) }
    }
}
