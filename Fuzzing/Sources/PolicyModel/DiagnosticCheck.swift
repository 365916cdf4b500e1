internal import Fuzzer
public import Profile

/// What every diagnostic of a file has to be.
public enum DiagnosticCheck {
    /// Checks that each one is at a place in the file, in order, and can be shown on a terminal.
    public static func check(_ diagnostics: [Diagnostic], of bytes: [UInt8]) {
        guard !diagnostics.isEmpty else { return }
        let widths = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            line in
            line.count { $0 & 0xc0 != 0x80 }
        }
        var last = (line: 0, column: 0)
        for diagnostic in diagnostics {
            let place = (line: diagnostic.origin.line, column: diagnostic.origin.column)
            // The end of a text is a place too: libyaml counts it as the line after the last one.
            Fuzzer.check(
                place.line >= 1 && place.column >= 1 && place.line <= widths.count + 1,
                "outside: \(diagnostic)")
            let width = place.line <= widths.count ? widths[place.line - 1] : 0
            Fuzzer.check(place.column <= width + 1, "beyond the line's end: \(diagnostic)")
            Fuzzer.check(place >= last, "out of order: \(diagnostics)")
            last = place
            let isPlain = diagnostic.description.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value)
                    && !(0x2028...0x202e).contains($0.value) && !(0x2066...0x2069).contains($0.value)
            }
            Fuzzer.check(isPlain, "a message that a terminal would act on: \(diagnostic)")
            Fuzzer.check(!diagnostic.problem.isEmpty, "nothing is said")
            Fuzzer.check(diagnostic.description.utf8.count < 2000, "a message without end: \(diagnostic)")
        }
    }
}
