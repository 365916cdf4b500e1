import Testing

@testable import Sandbox

@Suite("Whether this is inside is told by the kernel")
struct InsideTests {
    private let status = "Name:\tsh\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"
    private let mount = "60 41 0:50 /published /run/mews ro,nosuid,nodev - tmpfs tmpfs rw,size=1k\n"

    @Test("both the filter and the mount have to be there")
    func needsBoth() {
        #expect(Inside.isConfined(Array(status.utf8)))
        #expect(Inside.hasPublishedFiles(Array("1 0 8:1 / / rw - ext4 /dev/sda rw\n\(mount)".utf8)))
    }

    @Test(
        "a process without a filter that stays isn't inside",
        arguments: ["NoNewPrivs:\t0", "Seccomp:\t0", ""])
    func needsFilter(line: String) {
        let text = status.replacing(line.hasPrefix("N") ? "NoNewPrivs:\t1" : "Seccomp:\t2", with: line)
        #expect(!Inside.isConfined(Array(text.utf8)))
    }

    @Test(
        "a directory that somebody made isn't the mount",
        arguments: [
            ("ro,nosuid", "rw,nosuid"), ("- tmpfs", "- ext4"), ("/published", "/"),
            ("/run/mews", "/run/mews2"),
            (" - tmpfs", ""),
        ])
    func needsMount(change: (String, String)) {
        #expect(!Inside.hasPublishedFiles(Array(mount.replacing(change.0, with: change.1).utf8)))
        #expect(!Inside.hasPublishedFiles([]))
    }

    @Test("here is outside")
    func isOutside() {
        #expect(!Inside.isHere())
    }
}
