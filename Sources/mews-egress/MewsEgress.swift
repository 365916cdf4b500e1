internal import Egress
internal import Linux

/// The egress door; `mews` starts it on the first connection of a sandbox.
@main
enum MewsEgress {
    static func main() {
        do throws(DoorError) {
            Processes.exitNow(try EgressDoor.run() ? 0 : 1)
        } catch {
            let line = Array("mews: the network's door can't be opened: \(error.message)\n".utf8)
            // Where there is no stderr there is nobody to be told; the exit status says it too.
            try? Files.writeAll(2, line)
            Processes.exitNow(1)
        }
    }
}
