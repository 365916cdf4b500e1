/// What of /proc is kept from the command (proc(5)), by names in it.
public enum ProcessFileSystem {
    /// Settings of the kernel that are shown, not offered.
    public static let readOnly = ["sys", "sysrq-trigger", "irq", "bus", "fs", "asound", "acpi"]
    /// Files that tell about the kernel or other users' keys.
    public static let maskedFiles = [
        "kcore", "keys", "key-users", "kallsyms", "kmsg", "timer_list", "sched_debug", "latency_stats",
        "config.gz",
    ]
    /// Directories that do.
    public static let maskedDirectories = ["scsi"]
    /// Files that only their owner may read, who a mapped root still is: the mode is all that guards them.
    static let filesOfRoot = [
        "kpagecount", "kpageflags", "kpagecgroup", "slabinfo", "vmallocinfo", "pagetypeinfo", "vmcore",
    ]
}
