import Audit
import TestSupport
import Testing

@Suite("What is written down of a command has no secrets in it")
struct RedactionTests {
    private func redacted(_ text: String, _ literals: [String] = []) -> String {
        String(
            decoding: Redaction(literals: literals.map { Array($0.utf8) }).redact(Array(text.utf8)).bytes,
            as: UTF8.self)
    }

    private func words(_ words: [String], limit: Int = 8192) -> Redaction.CommandLine {
        Redaction().redact(words: words.map { Array($0.utf8) }, limit: limit)
    }

    private func line(_ words: [String]) -> [String] {
        self.words(words).words.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "in a shell's command: values whose name says secret, headers, addresses",
        arguments: [
            ("API_KEY=abc make test", "API_KEY=[redacted] make test"),
            ("export PGPASSWORD='a b c'; psql -h db", "export PGPASSWORD='[redacted]'; psql -h db"),
            ("mysql -u root -pS3cret app", "mysql -u root -p[redacted] app"),
            ("tool --password hunter2 --file /etc/x", "tool --password [redacted] --file /etc/x"),
            ("tool --password=hunter2 /srv/a", "tool --password=[redacted] /srv/a"),
            ("tool --password \"two words\" y", "tool --password \"[redacted]\" y"),
            ("curl -u bob:pw https://x/y", "curl -u bob:[redacted] https://x/y"),
            ("curl -ubob:pw https://x/y", "curl -ubob:[redacted] https://x/y"),
            ("curl --user bob:pw x", "curl --user bob:[redacted] x"),
            (
                "curl -H \"Authorization: Basic dXNlcjpw\" https://x/y",
                "curl -H \"Authorization: [redacted]\" https://x/y"
            ),
            ("curl -H 'X-Api-Key: k1' https://x", "curl -H 'X-Api-Key: [redacted]' https://x"),
            ("echo bearer abcdef", "echo bearer [redacted]"),
            ("git clone https://bob:pw@host/a.git", "git clone https://[redacted]@host/a.git"),
            ("git clone https://tok@host/a.git b", "git clone https://[redacted]@host/a.git b"),
            ("psql postgres://u:p/w@host:5432/db", "psql postgres://[redacted]@host:5432/db"),
            ("psql postgres://u:p@w@host/db", "psql postgres://[redacted]@host/db"),
            ("wget 'https://x/y?access_token=abc&z=1'", "wget 'https://x/y?access_token=[redacted]&z=1'"),
            ("sshpass -p pw ssh host", "sshpass -p [redacted] ssh host"),
            ("redis-cli -a pw ping", "redis-cli -a [redacted] ping"),
            ("docker login -u u -p pw r.example", "docker login -u u -p [redacted] r.example"),
            ("bash -c 'curl -u a:b x'", "bash -c 'curl -u a:[redacted] x'"),
            ("a; tool --token t1 | b --token t2", "a; tool --token [redacted] | b --token [redacted]"),
            (
                "echo '{\"password\": \"x y\", \"path\": \"/a\"}'",
                "echo '{\"password\": \"[redacted]\", \"path\": \"/a\"}'"
            ),
            ("echo \"{\\\"password\\\": \\\"x y\\\"}\"", "echo \"{\\\"password\\\": \\\"[redacted]\\\"}\""),
            ("openssl enc -pass pass:pw -in a", "openssl enc -pass [redacted] -in a"),
            ("secret = abc", "secret = [redacted]"),
            (
                "aws configure set aws_secret_access_key wJalr",
                "aws configure set aws_secret_access_key wJalr"
            ),
        ])
    func shell(text: String, expected: String) {
        #expect(redacted(text) == expected)
    }

    @Test(
        "tokens that can be told by their beginning, wherever they stand",
        arguments: [
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "gho_16C7e42F292c6912E7710c838347Ae178B4a",
            "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "glpat-abcdEFGH1234ijkl5678",
            "sk-ant-api03-abcdefghijklmnopqrstuvwxyz", "sk-proj-abcdefghijklmnopqrstuvwxyz",
            "xoxb-123456789012-abcdefghij", "xoxp-123456789012-abcdefghij", "AKIAIOSFODNN7EXAMPLE",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "npm_abcdefghijklmnopqrstuvwxyz0123456789",
            "pypi-AgEIcHlwaS5vcmcCJGFiY2RlZmdo", "AIzaSyA-abcdefghijklmnopqrstuvwxyz012",
        ])
    func tokens(token: String) {
        for text in [token, "x \(token) y", "a=\(token)", "/path/\(token)/b", "'\(token)'", "x-\(token)"] {
            #expect(redacted(text) == text.replacing(token, with: "[redacted]"))
        }
    }

    @Test("a private key, to its end")
    func privateKey() {
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\nabc\n-----END OPENSSH PRIVATE KEY-----"
        #expect(redacted("echo '\(key)' > /x") == "echo '[redacted]' > /x")
        #expect(redacted("-----BEGIN PUBLIC KEY-----\nabc") == "-----BEGIN PUBLIC KEY-----\nabc")
    }

    @Test(
        "what isn't a secret stays readable",
        arguments: [
            "cat /home/u/.ssh/id_ed25519", "make -j2 all", "PWD=/srv/x ls",
            "SSH_AUTH_SOCK=/run/user/1/agent ssh h",
            "tool --password-file /run/secrets/db", "tool --private-key /home/u/key.pem",
            "GOOGLE_APPLICATION_CREDENTIALS=/home/u/gcp.json x", "git commit --author Bob -m 'a: b'",
            "sort -u a", "docker run -u 1000:1000 -p 8080:80 x", "git push -u origin main", "mkdir -p /a/b",
            "ssh git@host", "git clone ssh://git@host/a", "curl https://host:8080/a@b",
            "claude --max-tokens 4096",
            "task-runner disk-usage", "tokenize /a/b", "ls /var/lib/secrets/a",
        ])
    func readable(text: String) {
        #expect(redacted(text) == text)
    }

    @Test("in the words of a command line: the next word, the rest of a word, and commands of a shell")
    func commandLine() {
        #expect(line(["tool", "--token", "a b"]) == ["tool", "--token", "[redacted]"])
        #expect(line(["tool", "--token", "-abc"]) == ["tool", "--token", "[redacted]"])
        #expect(line(["tool", "--token", "--verbose"]) == ["tool", "--token", "--verbose"])
        #expect(line(["tool", "--token=a b;c"]) == ["tool", "--token=[redacted]"])
        #expect(line(["env", "DB_PASSWORD=a b", "run"]) == ["env", "DB_PASSWORD=[redacted]", "run"])
        #expect(
            line(["/bin/sh", "-c", "TOKEN=x make /a"]) == ["/bin/sh", "-c", "TOKEN=[redacted] make /a"])
        #expect(line(["bash", "-lc", "curl -u a:b x"]) == ["bash", "-lc", "curl -u a:[redacted] x"])
        #expect(line(["curl", "-u", "a:b"]) == ["curl", "-u", "a:[redacted]"])
        #expect(
            line(["curl", "-H", "Authorization: Bearer a b"]) == ["curl", "-H", "Authorization: [redacted]"])
        #expect(line(["/usr/bin/mysql", "-psecret"]) == ["/usr/bin/mysql", "-p[redacted]"])
    }

    @Test("the profile's own texts, each occurrence, also where they overlap")
    func literals() {
        #expect(redacted("cat /srv/acme/x acme", ["acme"]) == "cat /srv/[redacted]/x [redacted]")
        #expect(redacted("ababa!", ["aba"]) == "[redacted]!")
        #expect(redacted("a red b", ["red", "r"]) == "a [redacted] b")
    }

    @Test("counts what it took out and what it cut")
    func counts() {
        let found = words(["x", "--token", "t", "PASSWORD=p"])
        #expect(found.replaced == 2)
        #expect(found.cut == 0)
        let cut = words(["abcdef", "ghijkl", "mnop"], limit: 8)
        #expect(cut.words.map { String(decoding: $0, as: UTF8.self) } == ["abcdef", "gh"])
        #expect(cut.cut == 2)
    }

    @Test("a secret across the place where a command line is cut isn't kept in part, nor half a marker")
    func cutSecret() {
        let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
        for limit in 1..<60 {
            let kept = words(["x \(token)", "y"], limit: limit).words.map {
                String(decoding: $0, as: UTF8.self)
            }
            #expect(!kept.joined().contains("ghp_"))
            #expect(!kept.joined().contains("[redacte") || kept.joined().contains("[redacted]"))
        }
    }

    @Test("reading what was redacted takes nothing more out")
    func idempotent() {
        for text in [
            "--token [redacted]", "TOKEN=[redacted] x", "https://[redacted]@h", "Authorization: [redacted]",
        ] {
            #expect(redacted(text) == text)
        }
    }

    @Test("a quotation mark that was left open before a secret doesn't hide it; found by the fuzzer")
    func openQuotation() {
        let found = redacted("\"password\": 'x\nAPI_KEY='Zq7Xw9Kv'\nTOKEN=\"a\nsecret=Zq7Xw9Kv")
        #expect(!found.contains("Zq7Xw9Kv"))
    }

    @Test(
        "takes time in proportion to the length",
        arguments: ["://a:b", "TOKEN=\"", "sk-", "-u ", "a'", "\\", "x=y:"])
    func linear(piece: String) {
        func seconds(_ count: Int) -> Double {
            let text = Array(String(repeating: piece, count: count / piece.utf8.count).utf8)
            return ProcessorTime.seconds { _ = Redaction(literals: [Array("aaaab".utf8)]).redact(text) }
        }
        let short = seconds(4_000)
        // Sixteen times as long; a square would take 256 times.
        #expect(seconds(64_000) < short * 80 + 0.05)
    }
}
