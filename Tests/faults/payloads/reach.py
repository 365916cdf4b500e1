"""Reaches a limit, says how the kernel refused, and stays there until its input ends.

    reach.py processes|open-files|tmp|tmp-files|bomb MOST
"""

import os
import sys
import threading
import time

WAY, MOST = sys.argv[1], int(sys.argv[2])
kept = []


def reach_processes():
    for _ in range(MOST):
        if os.fork() == 0:
            # Ends with the one that made it.
            os.close(1)
            sys.stdin.buffer.read()
            os._exit(0)


def reach_open_files():
    for _ in range(MOST):
        kept.append(os.open("/dev/null", os.O_RDONLY))


def reach_tmp():
    file = os.open("/tmp/full", os.O_WRONLY | os.O_CREAT)
    block = bytes(1 << 16)
    for _ in range(MOST >> 16):
        while block:
            block = block[os.write(file, block):]
        block = bytes(1 << 16)


def reach_tmp_files():
    for number in range(MOST):
        os.close(os.open(f"/tmp/{number}", os.O_WRONLY | os.O_CREAT))


def reach_bomb():
    """Every process makes another two, down to a depth; whom the kernel refuses one tries again for a while."""
    end = time.monotonic() + 20
    refused = None
    for _ in range(MOST):
        try:
            if os.fork() == 0:
                os.close(1)
                threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
                refused = None
        except (OSError, RuntimeError) as error:
            refused = error
            time.sleep(0.01)
            if time.monotonic() > end:
                break
    if refused:
        raise refused


try:
    {"processes": reach_processes, "open-files": reach_open_files, "tmp": reach_tmp, "tmp-files": reach_tmp_files,
     "bomb": reach_bomb}[WAY]()
    answer = "nothing"
except OSError as error:
    answer = error.strerror
    # There must be a descriptor left to say so with: 1 is.
os.write(1, f"{answer}\n".encode())
sys.stdin.buffer.read()
os._exit(0)
