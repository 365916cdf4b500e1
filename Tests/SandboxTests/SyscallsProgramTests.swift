@testable import Sandbox
import Testing

@Suite("Real programs don't notice the filter", .enabled(if: UnderFilter.isInstalled(UnderFilter.python)))
struct SyscallsProgramTests {
    /// Runs a command with and without the filter; both must succeed with the same output.
    private func same(_ command: [String], input: String = "", debug: Bool = false) throws {
        // One name for both, since output may hold it.
        let work = UnderFilter.freshDirectory()
        let outside = try UnderFilter.run(nil, command, input: input, in: work)
        let filter = try SyscallFilter.make(allow: [], deny: [], debug: debug)
        let inside = try UnderFilter.run(filter, command, input: input, in: work)
        #expect(outside.status == 0, Comment(rawValue: outside.output))
        #expect(!outside.output.isEmpty)
        #expect(inside == outside)
    }

    @Test("bash: pipes, substitutions, job control, traps")
    func bash() throws {
        try same([
            "bash", "-c",
            """
            seq 5 | sort -r | tr '\\n' ' '; (exit 3); echo $?; cat <(echo substituted)
            trap 'echo trapped' USR1; kill -USR1 $$; sleep 0.01 & wait; mkfifo pipe; echo through > pipe & cat pipe
            set -m; sh -c 'exit 4' & wait $!; echo $?; umask; ulimit -Sn; ls -la | tail -n +4 | wc -l
            mkdir -p a/b; cp -a a c; chmod 700 c; mv c d; ln -s a l; tar c a | tar t; rm -r a d; df . >/dev/null && echo df
            """,
        ])
    }

    @Test("Python: threads, processes, sockets, a pseudo-terminal")
    func python() throws {
        try same([UnderFilter.python, "-c", UnderFilter.fixture("runtime.py")])
    }

    @Test("Node: workers, children, HTTP", .enabled(if: UnderFilter.isInstalled("/usr/bin/node")))
    func node() throws {
        try same(["node", "-e", UnderFilter.fixture("runtime.js")])
    }

    @Test("git: init, commit, clone, status", .enabled(if: UnderFilter.isInstalled("/usr/bin/git")))
    func git() throws {
        try same([
            "bash", "-ec",
            """
            export GIT_AUTHOR_DATE='@1000000000 +0000' GIT_COMMITTER_DATE='@1000000000 +0000'
            git init -q r; cd r; git config user.email a@b; git config user.name n; echo x > f; git add .
            git commit -qm first; git log --oneline; git status; git clone -q . ../s; git -C ../s gc -q; git -C ../s log
            """,
        ])
    }

    @Test("gcc: compile, link and run threads", .enabled(if: UnderFilter.isInstalled("/usr/bin/gcc")))
    func gcc() throws {
        try same(
            ["bash", "-ec", "gcc -O1 -pipe -x c - -o program -pthread; ./program"],
            input: UnderFilter.fixture("runtime.c"))
    }

    @Test("Go: compile and run goroutines", .enabled(if: UnderFilter.isInstalled("/usr/bin/go")))
    func go() throws {
        try same(["bash", "-ec", "cat > main.go; go run main.go"], input: UnderFilter.fixture("runtime.go"))
    }

    @Test(
        "gdb works with debug, and only then",
        .enabled(if: UnderFilter.isInstalled("/usr/bin/gdb", "/usr/bin/gcc")))
    func gdb() throws {
        let script = """
            gcc -g -x c - -o program -pthread
            gdb -q -batch -ex 'break add' -ex run -ex 'info line' -ex 'delete' -ex continue ./program 2>&1 |
                grep -o -E 'Breakpoint 1, add|20 7 3|exited normally|Operation not permitted' | sort -u
            """
        let source = try UnderFilter.fixture("runtime.c")
        try same(["bash", "-ec", script], input: source, debug: true)
        let without = try UnderFilter.run(
            .make(allow: [], deny: [], debug: false), ["bash", "-ec", script], input: source)
        #expect(!without.output.contains("Breakpoint 1, add"))
        #expect(without.output.contains("Operation not permitted"))
    }

    @Test("a program that asks for a namespace gets an answer and lives on")
    func probing() throws {
        let filter = try SyscallFilter.make(allow: [], deny: [], debug: false)
        let outcome = try UnderFilter.run(filter, ["bash", "-c", "unshare -U true; echo $?"])
        #expect(outcome.output == "unshare: unshare failed: Operation not permitted\n1\n")
    }
}
