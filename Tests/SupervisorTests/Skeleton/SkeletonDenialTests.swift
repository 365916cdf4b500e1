import Audit
import Linux
import Testing

@testable import Sandbox
@testable import Supervisor

@Suite("A look outside the view")
struct SkeletonDenialTests {
    private static let write: UInt64 = 0o1
    private static let create: UInt64 = 0o101

    private func fixture(hides: Bool = false, notificationsOn: Bool = true) -> SkeletonFixture {
        var skeleton = SkeletonFixture(hides: hides, notificationsOn: notificationsOn)
        skeleton.host.answers = [
            "/home": .found(.someDirectory), "/home/u": .found(.someDirectory),
            "/home/u/key": .found(.someFile), "/var": .found(.someDirectory),
            "/var/run": .link(Array("/run".utf8)),
            "/run": .found(.someDirectory), "/run/docker.sock": .found(.someSocket), "/net": .notProbed,
            "/shut": .unreadable, "/etc/shadow": .found(.someFile), "/w/secret/key": .found(.someFile),
            "/w/secret/deep": .found(.someDirectory),
        ]
        return skeleton
    }

    @Test("What exists is refused at the lookup, with a record of the open")
    func open() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/home/u/key")
        #expect(skeleton.walk("/home/u/key").errno == .accessDenied)
        #expect(skeleton.host.acts == ["open /home/u/key outsideView openat"])
    }

    @Test("Beside what is granted it is the same")
    func beside() {
        var skeleton = fixture()
        skeleton.tasks.calls("execve", "/etc/shadow")
        #expect(skeleton.walk("/etc/shadow").errno == .accessDenied)
        #expect(skeleton.host.acts == ["open /etc/shadow outsideView execve"])
    }

    @Test("What doesn't exist doesn't, and nobody hears of it; the kernel may say so itself for a second")
    func missing() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/home/u/nothing")
        let reply = skeleton.walk("/home/u/nothing")
        #expect(reply.errno == nil)
        #expect(reply.node == 0)
        #expect(reply.entryValidity == 1)
        #expect(skeleton.host.events.isEmpty)
    }

    @Test("A directory can be looked at and walked through, and its listing is refused with a record")
    func directory() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/home/u")
        let directory = skeleton.walk("/home/u")
        #expect(directory.mode == 0o040111)
        #expect(skeleton.ask(3, directory.node)?.errno == nil)
        // chdir(2) asks for the right to search.
        #expect(skeleton.ask(34, directory.node, [1, 0, 0, 0, 0, 0, 0, 0])?.errno == nil)
        #expect(skeleton.host.events.isEmpty)
        #expect(skeleton.ask(27, directory.node)?.errno == .accessDenied)
        #expect(skeleton.host.acts == ["open /home/u outsideView openat"])
    }

    @Test("stat(2) and its like are only counted")
    func look() {
        var skeleton = fixture()
        for call in ["statx", "newfstatat", "faccessat", "readlinkat", "chdir", "inotify_add_watch"] {
            skeleton.tasks.calls(call, "/home/u/key")
            #expect(skeleton.walk("/home/u/key").errno == .accessDenied)
        }
        #expect(skeleton.host.acts.isEmpty)
        #expect(skeleton.host.looked == [String](repeating: "/home/u/key", count: 6))
        let directory = skeleton.walk("/home/u")
        #expect(skeleton.ask(34, directory.node, [4, 0, 0, 0, 0, 0, 0, 0])?.errno == .accessDenied)
        #expect(skeleton.host.looked.last == "/home/u")
    }

    @Test("A try on a socket is told as one, by the path behind the links")
    func socket() {
        var skeleton = fixture()
        skeleton.tasks.calls("connect", "")
        let link = skeleton.walk("/var/run")
        #expect(skeleton.ask(5, link.node)?.body == Array("/run".utf8))
        #expect(skeleton.walk("/run/docker.sock").errno == .accessDenied)
        #expect(skeleton.host.acts == ["socket /run/docker.sock outsideView connect"])
        // Nobody could connect to a file on the host either.
        #expect(skeleton.walk("/home/u/key").errno == .accessDenied)
        #expect(skeleton.host.acts.count == 1)
        #expect(skeleton.host.looked.last == "/home/u/key")
    }

    @Test("What may never answer counts as existing")
    func notProbed() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/net/file")
        #expect(skeleton.walk("/net/file").errno == .accessDenied)
        #expect(skeleton.walk("/shut/file").errno == .accessDenied)
        #expect(skeleton.host.acts == ["open /net notProbed openat", "open /shut outsideView openat"])
    }

    @Test("A call that can't be told counts as an open: better a record too many")
    func unknownCall() {
        var skeleton = fixture()
        #expect(skeleton.walk("/home/u/key").errno == .accessDenied)
        #expect(skeleton.host.acts == ["open /home/u/key outsideView "])
    }

    @Test("Who looks in from the host, or is Mews itself, gets the answer and leaves no record")
    func outsider() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/home/u/key")
        #expect(skeleton.walk("/home/u/key", thread: 0).errno == .accessDenied)
        #expect(skeleton.walk("/home/u/key", thread: 1).errno == .accessDenied)
        #expect(skeleton.host.events.isEmpty)
    }

    @Test("A change is told by the notifications where they are on, and by the skeleton where they are off")
    func changes() {
        for (call, flags, act) in [
            ("openat", Self.write, "write"), ("unlinkat", 0, "delete"), ("fchmodat", 0, "attributes"),
        ] {
            var skeleton = fixture()
            skeleton.tasks.calls(call, "/home/u/key", flags: flags)
            #expect(skeleton.walk("/home/u/key").errno == .accessDenied)
            #expect(skeleton.host.events.isEmpty)
            skeleton = fixture(notificationsOn: false)
            skeleton.tasks.calls(call, "/home/u/key", flags: flags)
            #expect(skeleton.walk("/home/u/key").errno == .accessDenied)
            #expect(skeleton.host.acts == ["\(act) /home/u/key outsideView \(call)"])
        }
    }

    @Test("An attempt to make something is told once, at the name that was meant")
    func creation() {
        for (call, flags) in [("openat", Self.create), ("mkdirat", 0)] {
            var skeleton = fixture()
            skeleton.tasks.calls(call, "/home/u/new", flags: flags)
            #expect(skeleton.walk("/home/u/new").node == 0)
            #expect(skeleton.host.events.isEmpty)
            skeleton = fixture(notificationsOn: false)
            skeleton.tasks.calls(call, "/home/u/new", flags: flags)
            #expect(skeleton.walk("/home/u/new").node == 0)
            #expect(skeleton.host.acts == ["create /home/u/new outsideView \(call)"])
            // Here the directory is missing, which is another error and no denial.
            skeleton = fixture(notificationsOn: false)
            skeleton.tasks.calls(call, "/home/nobody/new", flags: flags)
            #expect(skeleton.walk("/home/nobody/new").node == 0)
            #expect(skeleton.host.events.isEmpty)
        }
    }

    @Test("A mask can be looked at; opening, listing or executing it is a record")
    func masks() {
        var skeleton = fixture()
        let file = skeleton.server.attributes(mask: 0).node
        let directory = skeleton.server.attributes(mask: 1).node
        skeleton.tasks.calls("newfstatat", "/w/.env")
        #expect(skeleton.ask(3, file)?.errno == nil)
        #expect(skeleton.ask(3, directory)?.errno == nil)
        #expect(skeleton.host.events.isEmpty)
        skeleton.tasks.calls("openat", "/w/.env")
        #expect(skeleton.ask(14, file)?.errno == .accessDenied)
        #expect(skeleton.ask(27, directory)?.errno == .accessDenied)
        // Without a right to execute the kernel asks for nothing but this.
        skeleton.tasks.calls("execve", "/w/.env")
        #expect(skeleton.ask(3, file)?.errno == nil)
        #expect(
            skeleton.host.acts == [
                "open /w/.env masked openat", "open /w/secret masked openat", "open /w/.env masked execve",
            ])
    }

    @Test("A change of a mask is told by whoever tells changes")
    func changesOfMasks() {
        for (notificationsOn, acts) in [(true, []), (false, ["write /w/.env masked openat"])] {
            var skeleton = fixture(notificationsOn: notificationsOn)
            let file = skeleton.server.attributes(mask: 0).node
            skeleton.tasks.calls("openat", "/w/.env", flags: Self.write)
            #expect(skeleton.ask(14, file)?.errno == .accessDenied)
            #expect(skeleton.host.acts == acts)
        }
        for (notificationsOn, acts) in [(true, []), (false, ["attributes /w/.env masked fchmodat"])] {
            var skeleton = fixture(notificationsOn: notificationsOn)
            let file = skeleton.server.attributes(mask: 0).node
            skeleton.tasks.calls("fchmodat", "/w/.env")
            #expect(skeleton.ask(4, file)?.errno == .accessDenied)
            #expect(skeleton.host.acts == acts)
        }
    }

    @Test("Below a mask it goes on like anywhere outside, and the record says why")
    func belowMask() {
        var skeleton = fixture()
        let directory = skeleton.server.attributes(mask: 1).node
        skeleton.tasks.calls("openat", "secret/key")
        #expect(skeleton.lookUp("key", in: directory).errno == .accessDenied)
        #expect(skeleton.lookUp("nothing", in: directory).node == 0)
        let deep = skeleton.lookUp("deep", in: directory)
        #expect(deep.mode == 0o040111)
        #expect(skeleton.ask(27, deep.node)?.errno == .accessDenied)
        #expect(
            skeleton.host.acts == ["open /w/secret/key masked openat", "open /w/secret/deep masked openat"])
    }
}

@Suite("Where everything outside the view is hidden")
struct SkeletonHidingTests {
    private func fixture() -> SkeletonFixture {
        var skeleton = SkeletonFixture(hides: true)
        skeleton.host.answers = [
            "/home": .found(.someDirectory), "/home/u/key": .found(.someFile), "/net": .notProbed,
        ]
        return skeleton
    }

    @Test("It doesn't exist, and the record has the whole path")
    func path() {
        for (argument, directory) in [("/home/u/key", Int32(-100)), ("../home/./u//key", -100)] {
            var skeleton = fixture()
            skeleton.tasks.calls("openat", argument, directory: directory)
            #expect(skeleton.walk("/home/u/key").errno == .noEntry)
            #expect(skeleton.host.acts == ["open /home/u/key outsideView openat"])
        }
    }

    @Test("What doesn't exist there either leaves no record, and a look is counted")
    func silence() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/home/u/nothing")
        #expect(skeleton.walk("/home/u/nothing").errno == .noEntry)
        #expect(skeleton.host.events.isEmpty)
        skeleton.tasks.calls("statx", "/home/u/key")
        #expect(skeleton.walk("/home/u/key").errno == .noEntry)
        #expect(skeleton.host.looked == ["/home/u/key"])
    }

    @Test(
        "Without a readable argument, or with one that leads elsewhere, the record has the name that was reached"
    )
    func fallback() {
        var skeleton = fixture()
        skeleton.tasks.calls("openat", "/home/u/key")
        skeleton.tasks.memory = [:]
        #expect(skeleton.walk("/home/u/key").errno == .noEntry)
        skeleton.tasks.calls("openat", "/usr/link")
        #expect(skeleton.walk("/home/u/key").errno == .noEntry)
        #expect(skeleton.host.acts == [String](repeating: "open /home outsideView openat", count: 2))
    }
}
