"""A home as people have them: settings of programs, and what they installed for themselves."""

import sys
from pathlib import Path

PACKAGES = f".local/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"

FILES = {
    ".bashrc": "alias ll='ls -l'\n",
    ".profile": "FROM_PROFILE=yes\n",
    ".bash_history": "curl -H 'Authorization: Bearer secret'\n",
    ".inputrc": "set bell-style none\n",
    ".vimrc": "set number\n",
    ".viminfo": "# viminfo\n",
    ".curlrc": "user = \"me:secret\"\n",
    ".netrc": "machine example.org login me password secret\n",
    ".npmrc": "//registry.npmjs.org/:_authToken=secret\n",
    ".config/pip/pip.conf": "[global]\nindex-url = https://me:secret@example.org/simple\n",
    f"{PACKAGES}/installed.py": "",
    ".gitconfig.local": "[alias]\n\tst = status\n",
    ".gitignore_global": "*.swp\n",
    ".git-credentials": "https://me:secret@example.org\n",
    ".config/git/attributes": "*.bin binary\n",
    ".ssh/config": "Host *\n",
    ".ssh/known_hosts": "",
    ".gdbinit": "set pagination off\n",
    ".lesshst": ".less-history-file:\n",
    ".psqlrc": "\\set QUIET 1\n",
    ".pgpass": "*:*:*:*:secret\n",
    ".cargo/config.toml": "[build]\njobs = 2\n",
    ".cargo/credentials.toml": "[registry]\ntoken = \"secret\"\n",
    ".config/go/env": "GOFLAGS=-count=1\n",
    ".manpath": "",
    ".cache/pip/entry": "",
    ".node_repl_history": "1 + 1\n",
    ".python_history": "1 + 1\n",
    ".local/bin/tool": "#!/bin/sh\necho tool\n",
    "bin/tool": "#!/bin/sh\necho tool\n",
}

IDENTITY = (
    "[user]\n\tname = Tester\n\temail = tester@example.org\n[init]\n\tdefaultBranch = main\n"
    "[advice]\n\tdetachedHead = false\n")
SETTINGS = "[core]\n\texcludesFile = ~/.gitignore_global\n[include]\n\tpath = ~/.gitconfig.local\n"


def furnish(home: Path) -> None:
    """Puts all of it into a home."""
    for name, text in FILES.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if "bin/" in name:
            path.chmod(0o755)
    (home / ".gitconfig").write_text(IDENTITY + SETTINGS)
    (home / ".ssh").chmod(0o700)
