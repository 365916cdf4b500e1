/// A key of the profile at which values stand, as the rest of the program names it.
enum ProfileKey: Sendable {
    case version
    case name
    case description
    case require
    case extends
    case workspace
    case read
    case write
    case deny
    case protect
    case hide
    case temporarySize
    case networkAllow
    case networkDeny
    case networkHosts
    case loopbackConnect
    case loopbackPublish
    case upstream
    case unixSockets
    case pass
    case set
    case time
    case processes
    case openFiles
    case fileSize
    case memory
    case cpu
    case allowedSyscalls
    case deniedSyscalls
    case debug
    case audit
    case tests
}
