import Foundation
import Testing

@testable import Sandbox

@Suite("The record of the host says what it is without giving its identifier away")
struct HostRecordTests {
    @Test("kernel and name are those of uname")
    func names() throws {
        let record = HostRecord.read()
        let release = try String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        let name = try String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
        #expect(String(decoding: record.kernelRelease, as: UTF8.self) + "\n" == release)
        #expect(String(decoding: record.hostName, as: UTF8.self) + "\n" == name)
    }

    @Test("the digest of a machine is that of our own text and the identifier")
    func machine() {
        let identifier = Array("0123456789abcdef0123456789abcdef".utf8)
        #expect(
            HostRecord.digest(ofMachine: identifier)
                == "e2ea0db1f73d0cc548bb3e99ffcad4cd4a9e5cc393e064f2f70c0edfdf3ca6a2")
        #expect(HostRecord.digest(ofMachine: Array("uninitialized".utf8)) == nil)
        #expect(HostRecord.digest(ofMachine: []) == nil)
    }

    @Test("who logged in, or nobody")
    func login() {
        #expect(HostRecord.loginUser(Array("1000".utf8)) == 1000)
        #expect(HostRecord.loginUser(Array("4294967295".utf8)) == nil)
        #expect(HostRecord.loginUser(Array("x".utf8)) == nil)
    }
}
