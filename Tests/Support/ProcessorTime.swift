internal import Glibc

/// How much work something is: the time that the processor spent on this thread, whatever else the machine does.
public enum ProcessorTime {
    /// The least of several runs, in seconds (CLOCK_THREAD_CPUTIME_ID of clock_gettime(2)).
    public static func seconds(runs: Int = 3, _ act: () throws -> Void) rethrows -> Double {
        var least = Double.infinity
        for _ in 0..<runs {
            let start = now()
            try act()
            least = min(least, now() - start)
        }
        return least
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
