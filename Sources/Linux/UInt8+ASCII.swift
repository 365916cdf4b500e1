extension UInt8 {
    /// The letter in lower case, as ASCII has it; every other byte as it is.
    @inlinable
    public var lowered: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}
