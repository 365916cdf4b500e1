/// One step through bytes that should be UTF-8 (Unicode 15, table 3-7 and "U+FFFD Substitution of Maximal
/// Subparts" in section 3.9).
struct UTF8Sequence {
    /// The scalar value; nil when the bytes aren't well-formed.
    let scalar: UInt32?
    /// How many bytes it takes, or how many one replacement stands for.
    let length: Int

    /// Looks at the bytes from `start` on, of which there is at least one.
    init(_ bytes: [UInt8], at start: Int) {
        let lead = bytes[start]
        if lead < 0x80 {
            (scalar, length) = (UInt32(lead), 1)
            return
        }
        let size =
            switch lead {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 1
            }
        var value = UInt32(lead) & (0x7f >> UInt32(size))
        var place = 1
        while place < size, start + place < bytes.count,
            Self.continues(bytes[start + place], lead: lead, isSecond: place == 1)
        {
            value = value << 6 | UInt32(bytes[start + place] & 0x3f)
            place += 1
        }
        (scalar, length) = (size > 1 && place == size ? value : nil, place)
    }

    /// Whether the byte can follow; the second one is narrower after some leads, which is what keeps overlong
    /// forms, surrogates and values above U+10FFFF out.
    private static func continues(_ byte: UInt8, lead: UInt8, isSecond: Bool) -> Bool {
        guard isSecond else { return byte & 0xc0 == 0x80 }
        return switch lead {
        case 0xe0: (0xa0...0xbf).contains(byte)
        case 0xed: (0x80...0x9f).contains(byte)
        case 0xf0: (0x90...0xbf).contains(byte)
        case 0xf4: (0x80...0x8f).contains(byte)
        default: byte & 0xc0 == 0x80
        }
    }
}
