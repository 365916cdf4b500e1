@testable import Linux
import Testing

@Suite("Mounts are read as the kernel writes them")
struct MountTableTests {
    private static func table(_ text: String) -> MountTable { MountTable(Array(text.utf8)) }

    @Test("A line gives number, place and type, with and without optional fields")
    func lines() throws {
        let mounts = Self.table(
            """
            36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            1 0 0:2 / / rw - rootfs rootfs rw
            40 1 0:44 / /home/u/s rw shared:3 master:4 - fuse.sshfs u@h:/ rw

            """
        ).mounts
        #expect(mounts.map(\.identifier) == [36, 1, 40])
        #expect(mounts.map(\.point.description) == ["/mnt2", "/", "/home/u/s"])
        #expect(mounts.map { String(decoding: $0.type, as: UTF8.self) } == ["ext3", "rootfs", "fuse.sshfs"])
    }

    @Test("Spaces and backslashes in a place are bytes again")
    func escapes() throws {
        let mount = try #require(Self.table(#"9 1 0:1 / /a\040b\134c\011 rw - ext4 x rw"#).mounts.first)
        #expect(mount.point.bytes == Array("/a b\\c\t".utf8))
        #expect(MountTable.unescape(Array(#"\04"#.utf8)[...]) == Array(#"\04"#.utf8))
        #expect(MountTable.unescape(Array(#"\777"#.utf8)[...]) == Array(#"\777"#.utf8))
    }

    @Test(
        "Lines that make no sense are no mounts",
        arguments: [
            "", "1 2 3", "x 1 0:1 / / rw - ext4 x rw", "1 1 0:1 / rel rw - ext4 x rw",
            "1 1 0:1 / / rw shared:1 ext4 x rw",
        ])
    func nonsense(line: String) {
        #expect(Self.table(line).mounts.isEmpty)
    }

    @Test(
        "What a server or a program answers for isn't local",
        arguments: [
            "autofs", "fuse", "fuseblk", "fuse.sshfs", "nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs",
            "ceph", "afs", "", "new",
        ])
    func remote(type: String) {
        #expect(!MountTable.isLocal(Array(type.utf8)))
        #expect(MountTable.isLocal(Array("ext4".utf8)))
    }
}
