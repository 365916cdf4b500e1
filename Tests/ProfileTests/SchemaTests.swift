import Linux
import Testing

@testable import Profile

@Suite("The schema and the reference are true")
struct SchemaTests {
    @Test(
        "profiles/schema.json is what the decoder's table says; else: mews profile schema > profiles/schema.json"
    )
    func isCurrent() throws {
        let file = try #require(TestHost.contents(ofFile: "\(TestHost.builtInDirectory)/schema.json"))
        #expect(ProfileSchema.json() == String(decoding: file, as: UTF8.self))
    }

    /// The examples of the reference: the text between ```yaml and ```.
    static func examples() -> [String] {
        let bytes = TestHost.contents(ofFile: "\(TestHost.builtInDirectory)/README.md") ?? []
        var examples: [String] = []
        var lines: [Substring]?
        for line in String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line == "```yaml" {
                lines = []
            } else if line == "```", let example = lines {
                examples.append(example.joined(separator: "\n") + "\n")
                lines = nil
            } else {
                lines?.append(line)
            }
        }
        return examples
    }

    @Test("there are examples in the reference")
    func hasExamples() {
        #expect(Self.examples().count >= 5)
    }

    /// An example whose first line says so shows what this version refuses.
    @Test("every example in the reference is read without an error", arguments: examples())
    func examplesAreSound(text: String) {
        let messages = PolicyBuilder.check(Array(text.utf8), kind: kind(of: text), source: "README.md")
            .map(\.problem)
        if text.hasPrefix("# Not in this version.") {
            #expect(!messages.isEmpty && messages.allSatisfy { $0.hasSuffix("is not in this version") })
        } else {
            #expect(messages == [])
        }
    }

    private func kind(of example: String) -> ProfileKind {
        example.hasPrefix("# .mews.yaml") ? .repository : .user
    }

    @Test("every key of the format is in the reference")
    func mentionsKeys() throws {
        let bytes = try #require(TestHost.contents(ofFile: "\(TestHost.builtInDirectory)/README.md"))
        let text = String(decoding: bytes, as: UTF8.self)
        func check(_ fields: [SchemaField], _ path: String) {
            for field in fields {
                #expect(text.contains("`\(path)\(field.name)`"), "\(path)\(field.name)")
                if case .mapping(let inner) = field.shape { check(inner, "\(path)\(field.name).") }
            }
        }
        check(ProfileSchema.fields, "")
    }
}
