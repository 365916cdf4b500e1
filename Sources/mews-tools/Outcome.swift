/// How a verb that asks something ends; thrown by one that doesn't end with `yes`.
enum Outcome: Int32, Error {
    /// Yes; sound; available.
    case yes = 0
    /// No; not sound; not available.
    case no = 1
    /// The question isn't one.
    case usage = 2
    /// It can't be decided.
    case undecided = 3
}
