"""Runs a command in a process whose filter has a listener already, as a container's supervisor may have: outer_listener.py COMMAND..."""

import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
ALLOW = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
program = ctypes.create_string_buffer(struct.pack("<HBBI", 0x15, 0, 0, 0) + ALLOW, 16)
header = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 2, ctypes.addressof(program)), 16)
assert libc.prctl(38, 1, 0, 0, 0) == 0
listener = libc.syscall(317, 1, 8, header)
assert listener >= 0, os.strerror(ctypes.get_errno())
os.set_inheritable(listener, True)  # without its holder there is none any more
os.execv(sys.argv[1], sys.argv[1:])
