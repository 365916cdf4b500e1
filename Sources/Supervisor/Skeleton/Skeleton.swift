public import Linux
public import Sandbox

/// The root of the view as the supervisor serves it: a FUSE file system in which only mount points are, and in
/// which every look outside the view arrives (fuse(4)).
///
/// The kernel lets nothing in that it names: there is nothing to open in it. What it decides is what a caller is
/// told and what is told of the caller.
public struct Skeleton: ~Copyable {
    private var server: SkeletonServer
    private let device: FileDescriptor

    /// Requests are served in pieces, so that signals and time limits have their turn whatever arrives.
    private static let mostAtOnce = 64
    /// The smallest buffer that the kernel takes (FUSE_MIN_READ_BUFFER), which nothing exceeds here.
    private static let bufferSize = 8192

    /// Takes over the server side that the child has sent.
    public init(_ view: View, _ settings: SkeletonSettings, device: consuming FileDescriptor) {
        server = SkeletonServer(view, settings)
        self.device = device
    }

    /// What to wait for: readable when there is a request; anything else is the end of the skeleton.
    public var descriptor: Int32 { device.number }

    /// How many requests were answered: none for what lies in a mount, and none again for what the kernel remembers.
    public private(set) var count = 0

    /// Answers what has arrived, at most a few dozen requests.
    ///
    /// An event is handed over before the answer is given, while its process still waits. Nothing here waits
    /// for a process of the sandbox, except up to two milliseconds for one to fall asleep.
    ///
    /// - Parameters:
    ///   - surroundings: the host and the log.
    ///   - processes: a descriptor of the sandbox's process file system; negative while it isn't there.
    /// - Returns: whether it goes on; else the device has to be given up, which is an error for whoever waits.
    public mutating func serve<Surroundings: SkeletonSurroundings & ~Copyable>(
        _ surroundings: inout Surroundings, processes: Int32
    ) -> Continuation {
        let observer = TaskReader(processes: processes)
        for _ in 0..<Self.mostAtOnce {
            let request: [UInt8]
            do throws(Errno) {
                request = try Files.read(device.number, atMost: Self.bufferSize)
            } catch .again {
                return .goesOn
            } catch .noEntry {
                // The request was taken back meanwhile.
                continue
            } catch {
                return error == .noDevice ? .gone : .failed
            }
            guard let answer = server.answer(request, observer, &surroundings) else { continue }
            count += 1
            do throws(Errno) {
                _ = try Files.write(device.number, answer[...])
            } catch .noEntry {
                // Who asked was killed, and nobody wants the answer.
                continue
            } catch {
                // Who asked would wait for ever, and couldn't even be killed.
                return error == .noDevice ? .gone : .failed
            }
        }
        return .goesOn
    }
}

extension Skeleton {
    /// What becomes of the skeleton.
    public enum Continuation: Sendable {
        /// There will be more requests.
        case goesOn
        /// The file system is gone, and with it the sandbox.
        case gone
        /// It can't be served any more.
        case failed
    }
}
