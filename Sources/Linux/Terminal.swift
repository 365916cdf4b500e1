internal import CLinux

/// Terminals and pseudo-terminals (ioctl_tty(2), termios(3)).
public enum Terminal {
    /// The size of a window.
    public struct Size: Sendable {
        var raw = mews_window()
    }

    /// The settings of a terminal.
    public struct Settings: Sendable {
        var raw = mews_termios()

        /// The same, with every key handed on as it is and output not changed (cfmakeraw(3)).
        public var raised: Settings {
            var copy = self
            unsafe mews_termios_raw(&copy.raw)
            return copy
        }

        /// The same, with output not changed.
        public var withoutOutputProcessing: Settings {
            var copy = self
            unsafe mews_termios_no_output_processing(&copy.raw)
            return copy
        }
    }

    /// Whether a descriptor is a terminal.
    public static func isTerminal(_ descriptor: Int32) -> Bool { mews_is_terminal(descriptor) != 0 }

    /// The size of the window.
    public static func size(of terminal: Int32) throws(Errno) -> Size {
        var size = Size()
        _ = try check(unsafe mews_window_get(terminal, &size.raw))
        return size
    }

    /// Sets the size; the foreground group gets SIGWINCH if it changed.
    public static func setSize(_ size: Size, of terminal: Int32) throws(Errno) {
        var raw = size.raw
        _ = try check(unsafe mews_window_set(terminal, &raw))
    }

    /// The settings.
    public static func settings(of terminal: Int32) throws(Errno) -> Settings {
        var settings = Settings()
        _ = try check(unsafe mews_termios_get(terminal, &settings.raw))
        return settings
    }

    /// Changes the settings after the output so far is written.
    public static func set(_ settings: Settings, of terminal: Int32) throws(Errno) {
        var raw = settings.raw
        _ = try retrying { () throws(Errno) in try check(unsafe mews_termios_set(terminal, &raw)) }
    }

    /// The other side of a pseudo-terminal, opened without a path, so that nothing mounted can be in the
    /// way (CVE-2025-52565 was a console opened by its path).
    public static func peer(of master: Int32) throws(Errno) -> FileDescriptor {
        _ = try check(mews_pty_unlock(master))
        let flags: Files.Flags = [.readWrite, .noControllingTerminal, .closeOnExec]
        return FileDescriptor(owning: try check(mews_pty_peer(master, flags.rawValue)))
    }

    /// Makes it the controlling terminal of this session.
    public static func takeControl(of terminal: Int32) throws(Errno) {
        _ = try check(mews_set_controlling_terminal(terminal))
    }

    /// The process group in the foreground.
    public static func foreground(of terminal: Int32) throws(Errno) -> Int32 {
        try check(mews_foreground_get(terminal))
    }

    /// Puts a process group into the foreground.
    public static func setForeground(_ group: Int32, of terminal: Int32) throws(Errno) {
        _ = try check(mews_foreground_set(terminal, group))
    }
}
