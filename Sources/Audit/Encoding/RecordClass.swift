/// A class of OCSF 1.8.0 with the activity and the verdicts that a record has in it.
struct RecordClass {
    /// `class_uid`; the category is its thousands.
    let number: Int
    /// `activity_id`.
    let activity: Int
    /// `severity_id`: 1 informational, 2 low, 3 medium, 4 high.
    let severity: Int
    /// `status_id`: 1 success, 2 failure.
    let status: Int
    /// `action_id` and `disposition_id`: 1 and 1 allowed, 2 and 2 denied and blocked; nil when nothing was
    /// decided.
    let verdict: Int?
    /// `metadata.profiles`.
    let profiles: Profiles

    /// Which profiles of OCSF bring members that the class hasn't itself.
    enum Profiles {
        case none
        case host
        case securityControl
        case both
    }

    init(
        _ number: Int, activity: Int, severity: Int, status: Int, verdict: Int? = nil, profiles: Profiles
    ) {
        self.number = number
        self.activity = activity
        self.severity = severity
        self.status = status
        self.verdict = verdict
        self.profiles = profiles
    }
}
