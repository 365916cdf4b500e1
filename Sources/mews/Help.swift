/// What `--help` says.
enum Help {
    static let overview = """
        Mews runs a command in a sandbox that a profile describes.

          mews run [options] [--] COMMAND [ARG...]   run a command (mews -- COMMAND is short for it)
          mews run [options] -c STRING [NAME ARG...] run a string as sh -c takes it
          mews shell [options]                       an interactive shell in the sandbox
          mews-shell STRING                          a command of a coding agent, under the profile of its set-up
          mews ci [options] -- COMMAND [ARG...]      the same for a job of a build server, with a summary
          mews doctor [--json]                       what this host can enforce, and what to do about the rest
          mews profile list|show|check|schema        the profiles and what they add up to
          mews why read|write|exec PATH              allowed or not, by which line, and what would allow it
          mews audit show|tail|path|verify           what was denied, and whether the log is sound

        mews run --help lists the options. Exit status: the command's own; 124 the time limit; 123 the sandbox
        was lost; 125 nothing was started; 126, 127 the command can't be executed or isn't there.

        """

    static let shell = """
        mews-shell STRING

        Runs STRING, a shell's command in one word, as a coding agent hands it to its prefix: in the sandbox, under
        the profile that mews agent install has settled. Inside a sandbox it runs in that one.

        """

    static let job = """
        mews ci [options] [--] COMMAND [ARG...]
        mews ci [options] -c STRING [NAME ARG...]

        Runs the command as mews run does, with the profile ci. Afterwards it tells what was denied, who was
        contacted and what in the workspace was written: on standard error, and as Markdown at the end of the file
        that GITHUB_STEP_SUMMARY names. Credentials that a step before left in the repository's configuration
        can't be seen inside.

          -p, --profile NAME|PATH    a profile, may be given several times (default: ci)
              --fail-on denied|none  denied: status 1 when something was denied and the command itself ended with
                                     0 (default: none)
              --summary FORM         text (the default), none, or json for one line on standard error, json:FD,
                                     json:PATH

        The other options are those of mews run; mews run --help lists them.

        """

    static let run = """
        mews run [options] [--] COMMAND [ARG...]
        mews run [options] -c STRING [NAME ARG...]
        mews shell [options]

          -p, --profile NAME|PATH    a profile, may be given several times (default: workspace)
          -w, --workspace DIR        the directory to work in (default: the nearest upwards with .git, else the
                                     current one)
              --read PATH            let the command read PATH
              --write PATH           let the command write PATH
              --deny PATH            hide PATH, whatever else grants it
              --allow HOST[:PORT]    let the command reach HOST, at port 443 or PORT
              --env NAME[=VALUE]     pass or set a variable
              --cwd DIR              start in DIR, which must lie in the view
              --timeout DURATION     end the command after a time: 500ms, 30s, 10m, 2h
              --require LEVEL        accept no less than LEVEL: full (the default), namespaces (no Landlock),
                                     landlock (no namespaces)
              --audit-log PATH       write the session's log to PATH, which must not exist yet
              --summary FORM         what is said at the end: text (the default), none, or json for one line on
                                     standard error, json:FD, json:PATH
          -c                         COMMAND is a string for sh -c
              --quiet                no notices but that of a lower level, only errors
              --dry-run              print what would be done, and do nothing
              --help                 this

        """
}
