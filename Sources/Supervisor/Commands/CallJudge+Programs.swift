internal import Linux

extension CallJudge {
    /// What an execve(2) or execveat(2) that waits is to run; nil when there is no such file, which is how most
    /// names end that a search along PATH tries.
    func candidate(
        of shape: CallShape, arguments: Int, _ registers: [UInt64], caller: Caller, _ host: inout HostLookup
    ) -> CommandWatch.Candidate? {
        guard let text = text(shape.path, registers, caller) else { return nil }
        let directory = caller.workingDirectory() ?? []
        guard let (program, isLikely) = program(text, of: shape, directory, registers, caller, &host) else {
            return nil
        }
        return CommandWatch.Candidate(
            program: program,
            arguments: ArgumentReader.arguments(of: caller.thread, at: registers[arguments]),
            workingDirectory: directory, isLikely: isLikely)
    }

    private func program(
        _ text: [UInt8], of shape: CallShape, _ directory: [UInt8], _ registers: [UInt64], _ caller: Caller,
        _ host: inout HostLookup
    ) -> (path: [UInt8], isLikely: Bool)? {
        if text.isEmpty {
            // AT_EMPTY_PATH; the file may have no name any more, or never had one (memfd_create(2)).
            guard let number = shape.path.directory, let flags = shape.path.flags,
                registers[flags] & 0x1000 != 0,
                let target = caller.descriptorTarget(Int32(truncatingIfNeeded: registers[number]))
            else { return nil }
            return (target, true)
        }
        guard let place = place(shape.path, of: shape, 0, registers, caller, &host) else {
            // Through what isn't known, such as links of another process: as it was called.
            let slash = UInt8(ascii: "/")
            return (text.first == slash ? text : directory + [slash] + text, false)
        }
        if place.end.answer == .missing || place.isDirectory { return nil }
        let isInside = ![.outside, .masked, .skeleton].contains(place.region)
        return (place.path.bytes, isInside && place.end.answer == .file)
    }
}
