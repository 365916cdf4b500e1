# Prints the terminal's size whenever that changes, and ends at the first line of input.
import shutil
import signal
import sys


def report(*_):
    size = shutil.get_terminal_size()
    print(f"size {size.columns}x{size.lines}", flush=True)


signal.signal(signal.SIGWINCH, report)
print("watching", flush=True)
sys.stdin.readline()
