# Prints the terminal's size whenever that changes, and ends at the first line of input.
import os
import signal
import sys


def report(*_):
    size = os.get_terminal_size(0)
    # Not print(): the signal may come while that is at work on the same buffer.
    os.write(1, f"size {size.columns}x{size.lines}\n".encode())


signal.signal(signal.SIGWINCH, report)
os.write(1, b"watching\n")
sys.stdin.readline()
