"""Attempts a list of acts and says, as JSON, how the kernel answered each.

The same program runs inside the sandbox and, as its control, outside it. An act is `[name, argument...]`;
its answer is `{"ok": true, "value": ...}` or `{"ok": false, "errno": "EACCES"}`. A refusal is an answer,
not a failure: the program exits 0 whenever it could report.
"""

import errno
import json
import sys

from acts import files, kernel, processes, sockets


def attempt(act):
    name, *arguments = act
    for module in (files, processes, sockets, kernel):
        function = getattr(module, name, None)
        if function is not None:
            break
    else:
        raise SystemExit(f"attempt.py: no act is called {name}")
    try:
        return {"ok": True, "value": function(*arguments)}
    except OSError as error:
        return {"ok": False, "errno": errno.errorcode.get(error.errno, str(error.errno))}


if __name__ == "__main__":
    answers = [attempt(act) for act in json.loads(sys.argv[1])]
    # One write: an act may have left children that share this stdout.
    sys.stdout.write(json.dumps(answers) + "\n")
    sys.stdout.flush()
