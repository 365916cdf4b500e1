internal import Egress

/// The egress door; `mews` starts it on the first connection of a sandbox.
@main
enum MewsEgress {
    static func main() {
        _ = EgressDoor.settings([])
    }
}
