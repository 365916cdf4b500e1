"""Makes system calls and says what came back, each in a process of its own: NAME NUMBER ARGUMENT,...

Arguments are numbers, or text after "@" to be passed as a string. NAME "i386" makes NUMBER through the 32-bit
entry of an x86-64 kernel. One line each: NAME and "ok", an error number's name or a signal's.
"""
import ctypes
import errno
import mmap
import os
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)


def argument(text):
    return ctypes.c_char_p(text[1:].encode()) if text.startswith("@") else ctypes.c_ulong(int(text))


def native(number, arguments):
    result = libc.syscall(ctypes.c_long(number), *[argument(text) for text in arguments.split(",") if text])
    return ctypes.get_errno() if result == -1 else 0


def through_int80(number):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\xb8" + number.to_bytes(4, "little") + b"\xcd\x80\xc3")  # mov eax, number; int 0x80; ret
    code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    result = code()
    return -result if result < 0 else 0


for line in sys.stdin:
    name, number, arguments = line.rstrip("\n").split(" ")
    child = os.fork()
    if child == 0:
        code = through_int80(int(number)) if name == "i386" else native(int(number), arguments)
        os._exit(code)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        print(name, signal.Signals(os.WTERMSIG(status)).name)
    else:
        code = os.WEXITSTATUS(status)
        print(name, errno.errorcode[code] if code else "ok")
