"""Attempts what is refused, as often as each line of its input says, and says after each how often it was.

A line is `KIND NUMBER`: write creates files below /usr, call makes sockets, and same creates one file again and again.
"""

import socket
import sys


def write(number):
    open(f"/usr/new-{number}", "w", encoding="utf-8").close()


def same(_):
    write(-1)


def call(number):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, number + 1)


def main():
    done = 0
    for line in sys.stdin:
        kind, number = line.split()
        refused = 0
        for _ in range(int(number)):
            done += 1
            try:
                {"write": write, "same": same, "call": call}[kind](done)
            except OSError:
                refused += 1
        print(refused, flush=True)


main()
