/// The programs of the built-in policy, made at build time: libseccomp takes longer to build one than a
/// whole launch may take.
///
/// `MEWS_WRITE_FILTER=1 swift test --filter PrecompiledFilterTests` writes the architecture's file anew after a
/// change to the rules; without the variable the same tests compare it with the rules.
enum PrecompiledFilter {
    /// The program for this architecture; nil where none has been made.
    static func instructions(debug: Bool, isNotifying: Bool = false) -> [UInt64]? {
        #if arch(x86_64)
        switch (debug, isNotifying) {
        case (false, false): standard
        case (true, false): forDebugging
        case (false, true): notifying
        case (true, true): notifyingForDebugging
        }
        #else
        nil
        #endif
    }
}
