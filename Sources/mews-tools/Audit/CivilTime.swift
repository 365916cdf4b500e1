internal import Glibc

/// A date and time of day, as calendars and clocks on the wall show them.
struct CivilTime {
    var year: Int32
    var month: Int32
    var day: Int32
    var hour: Int32 = 0
    var minute: Int32 = 0
    var second: Int32 = 0

    /// The time here at a moment, in seconds since 1970-01-01 UTC; nil where the calendar ends (localtime_r(3)).
    static func local(_ seconds: Int64) -> CivilTime? {
        var seconds = time_t(seconds)
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return nil }
        return unsafe CivilTime(
            year: parts.tm_year + 1900, month: parts.tm_mon + 1, day: parts.tm_mday, hour: parts.tm_hour,
            minute: parts.tm_min, second: parts.tm_sec)
    }

    /// The moment, in seconds since 1970-01-01 UTC (mktime(3), timegm(3)).
    ///
    /// - Parameter isUTC: whether it is the time at Greenwich and not the one here.
    /// - Returns: nil when there is no such date.
    func seconds(isUTC: Bool) -> Int64? {
        var parts = unsafe tm()
        unsafe parts.tm_year = year - 1900
        unsafe parts.tm_mon = month - 1
        unsafe parts.tm_mday = day
        unsafe parts.tm_hour = hour
        unsafe parts.tm_min = minute
        unsafe parts.tm_sec = second
        // Summer time or not: as it is at that time.
        unsafe parts.tm_isdst = -1
        let seconds = isUTC ? unsafe timegm(&parts) : unsafe mktime(&parts)
        // A 31st of June has become the 1st of July.
        let isDate = unsafe parts.tm_mon == month - 1 && parts.tm_mday == day
        return isDate ? Int64(seconds) : nil
    }
}
