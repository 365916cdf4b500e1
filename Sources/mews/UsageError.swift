/// The command line isn't one.
struct UsageError: Error {
    /// What is wrong and what to write instead.
    let message: String
    /// 125 where a command would have been run, 2 for the other verbs.
    let status: Int32
}
