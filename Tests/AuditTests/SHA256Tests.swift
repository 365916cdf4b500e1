import Audit
import Testing

@Suite("The digest is SHA-256 (FIPS 180-4)")
struct SHA256Tests {
    private func digest(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(SHA256.digest(of: bytes))
    }

    @Test("of nothing")
    func empty() {
        #expect(digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("of three letters and of two blocks, the examples of the standard")
    func examples() {
        #expect(
            digest(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    @Test("of a million letters")
    func long() {
        #expect(
            digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("does not depend on how the bytes come", arguments: [1, 55, 56, 63, 64, 65, 119, 120, 128])
    func pieces(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var hash = SHA256()
        for byte in bytes { hash.append([byte]) }
        #expect(hash.finished() == SHA256.digest(of: bytes))
    }
}
