/// Writes one object in canonical form, straight into bytes: the caller names members in the order of their
/// names, which is the order of the code that writes a record.
struct CanonicalWriter {
    /// A member that was too long.
    struct Cut {
        /// Its path, with dots.
        let name: String
        /// How many bytes or elements there were.
        let count: Int
    }

    /// What has been written.
    private(set) var bytes: [UInt8] = []
    /// What was cut in this pass.
    private(set) var cuts: [Cut] = []
    /// What was cut in the pass before: it has to be told in front of what is cut.
    private(set) var knownCuts: [Cut] = []
    /// Where the member `hash` stands, which isn't hashed.
    private(set) var hashSlot: Range<Int> = 0..<0

    var limits = TextLimits.steps[0]
    private var path: [StaticString] = []
    private var needsComma = false

    /// Starts anew, keeping the memory.
    mutating func begin(_ limits: TextLimits, knowing cuts: [Cut] = []) {
        bytes.removeAll(keepingCapacity: true)
        path.removeAll(keepingCapacity: true)
        self.cuts.removeAll(keepingCapacity: true)
        knownCuts = cuts.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.limits = limits
        needsComma = false
    }

    /// The whole record.
    mutating func record(_ members: (inout CanonicalWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        members(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// A member that is an object.
    mutating func object(_ name: StaticString, _ members: (inout CanonicalWriter) -> Void) {
        self.name(name)
        path.append(name)
        record(members)
        path.removeLast()
    }

    /// A member that is an integer, one of the 54-bit range that every reader of JSON keeps.
    mutating func number(_ name: StaticString, _ value: Int) {
        self.name(name)
        append(decimal: value)
    }

    /// A member that is a boolean.
    mutating func flag(_ name: StaticString, _ value: Bool) {
        self.name(name)
        append(value ? "true" : "false")
    }

    /// A member that is text without anything to escape.
    mutating func literal(_ name: StaticString, _ value: StaticString) {
        self.name(name)
        append("\"")
        append(value)
        append("\"")
    }

    /// A member that is bytes in hexadecimal.
    mutating func hexadecimal(_ name: StaticString, _ value: [UInt8]) {
        self.name(name)
        append("\"")
        append(hexadecimal: value)
        append("\"")
    }

    /// A member that is text of digits, which need no escape.
    mutating func digits(_ name: StaticString, _ value: [UInt8]) {
        self.name(name)
        append("\"")
        append(value)
        append("\"")
    }

    /// Members that were written before, the same in each record.
    mutating func fragment(_ members: [UInt8]) {
        startMember()
        bytes += members
    }

    /// A member that is an array, each element written by the caller.
    mutating func array(_ name: StaticString, count: Int, _ element: (inout CanonicalWriter, Int) -> Void) {
        self.name(name)
        path.append(name)
        bytes.append(UInt8(ascii: "["))
        for index in 0..<count {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            element(&self, index)
        }
        bytes.append(UInt8(ascii: "]"))
        path.removeLast()
        needsComma = true
    }

    /// The member `hash`, filled in later, with the comma behind it: `prev` always follows.
    mutating func placeForHash() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        let start = bytes.count
        append("\"hash\":\"")
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 64))
        append("\",")
        hashSlot = start..<bytes.count
        needsComma = false
    }

    /// Fills the hash in.
    mutating func fillHash(_ digits: [UInt8]) {
        let first = hashSlot.lowerBound + 8
        for index in 0..<64 { bytes[first + index] = digits[index] }
    }

    /// Ends the line.
    mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The name of the next member.
    mutating func name(_ name: StaticString) {
        append(needsComma ? ",\"" : "\"")
        append(name)
        append("\":")
        needsComma = true
    }

    /// The comma between members.
    mutating func startMember() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Takes down that a member of the open object, or an element of the open array, was too long.
    mutating func noteCut(_ name: String, count: Int) {
        let text = (path.map(\.description) + [name]).joined(separator: ".")
        // Of an array of objects, the longest one tells.
        if let index = cuts.firstIndex(where: { $0.name == text }) {
            if cuts[index].count < count { cuts[index] = Cut(name: text, count: count) }
        } else {
            cuts.append(Cut(name: text, count: count))
        }
    }

    /// Bytes that need no escape.
    mutating func append(_ text: StaticString) {
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Bytes that are escaped already or need it not.
    mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Two digits for each byte.
    mutating func append(hexadecimal value: [UInt8]) {
        for byte in value {
            bytes.append(Self.digit(byte >> 4))
            bytes.append(Self.digit(byte & 15))
        }
    }

    /// A digit for a value below 16.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private mutating func append(decimal value: Int) {
        var rest = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        repeat {
            digits[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        while count > 0 {
            count -= 1
            bytes.append(digits[count])
        }
    }
}
