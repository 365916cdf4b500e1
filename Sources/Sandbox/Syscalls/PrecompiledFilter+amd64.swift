#if arch(x86_64)
extension PrecompiledFilter {
    static let standard: [UInt64]? = nil
    static let forDebugging: [UInt64]? = nil
}
#endif
