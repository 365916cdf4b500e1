"""Runs in an environment: mews with some profiles, and its doctor. Prints what came of each as JSON.

    inside.py REQUEST

REQUEST is a JSON object: `mews`, `home`, `environment`, `runs` (lists of options), `command`, `doctor` (whether).
"""

import json
import os
import subprocess
import sys

PATIENCE = 120


def execute(argv, home, additions):
    environment = additions | {"HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(
            argv, cwd=f"{home}/project", env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False)
    except OSError as error:
        return {"status": None, "stdout": "", "stderr": str(error)}
    return {"status": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def main():
    request = json.loads(sys.argv[1])
    mews, home, additions = request["mews"], request["home"], request["environment"]
    answer = {"user": os.getuid(), "runs": [], "doctor": None}
    for options in request["runs"]:
        argv = [mews, "run", *options, "--summary", "json", "--", *request["command"]]
        answer["runs"].append(execute(argv, home, additions))
    if request["doctor"]:
        answer["doctor"] = execute([mews, "doctor", "--json"], home, additions)
        answer["table"] = execute([mews, "doctor"], home, additions)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
