public import Linux

/// What the skeleton root calls its masks, between the child that attaches them and the supervisor that answers
/// for them: a mount needs a place to be copied from, and there is none but in the skeleton's own tree.
///
/// The supervisor shows them to process 1 alone, which is Mews's own, and only while nothing else has asked.
public enum SkeletonMasks {
    /// The directory in the root; its name is never listed.
    public static let directory: [UInt8] = [1]

    /// The name of a mask in it: its number among the view's masks, in decimal.
    public static func name(_ number: Int) -> CString {
        CString("\(number)")
    }

    /// The number that a name stands for; nil when it isn't one of `count`.
    public static func number(_ name: some Collection<UInt8>, count: Int) -> Int? {
        guard name.count <= 9, let number = Int(String(decoding: name, as: UTF8.self)),
            number >= 0, number < count
        else { return nil }
        return number
    }
}

extension View {
    /// The masks in the order of their names in the skeleton.
    public var masks: [ViewMount] {
        mounts.filter { $0.reason == .mask }
    }
}
