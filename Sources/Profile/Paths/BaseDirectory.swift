/// The directories of the XDG Base Directory Specification 0.8 that a path can begin with.
enum BaseDirectory: String, CaseIterable, Sendable {
    case config = "XDG_CONFIG_HOME"
    case data = "XDG_DATA_HOME"
    case state = "XDG_STATE_HOME"
    case cache = "XDG_CACHE_HOME"
    case runtime = "XDG_RUNTIME_DIR"

    /// Where it is below the home directory when the variable isn't set; the runtime directory has none.
    var fallback: String? {
        switch self {
        case .config: ".config"
        case .data: ".local/share"
        case .state: ".local/state"
        case .cache: ".cache"
        case .runtime: nil
        }
    }
}
