"""Capabilities, by the names of capability.h without CAP_."""

import ctypes
import struct

import kernel

NAMES = {
    name: number for number, name in enumerate((
        "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
        "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT "
        "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE "
        "AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ "
        "PERFMON BPF CHECKPOINT_RESTORE").split())
}
# What an engine gives to a container that asks for nothing.
SETS = {
    "docker": [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"],
    "podman": [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP",
        "SETUID", "SYS_CHROOT"],
    "none": [],
}
BOUNDING_READ, BOUNDING_DROP = 23, 24
VERSION = 0x20080522


def keep_only(names):
    """Drops all others from the bounding set and from what is inheritable; execve(2) does the rest for root.

    `names` are sets and capabilities.
    """
    kept = set()
    for name in names:
        kept |= {NAMES[member] for member in SETS.get(name, [name])}
    libc = kernel.LIBC
    number = 0
    while libc.prctl(BOUNDING_READ, number, 0, 0, 0) >= 0:
        if number not in kept:
            kernel.checked(libc.prctl(BOUNDING_DROP, number, 0, 0, 0), "PR_CAPBSET_DROP")
        number += 1
    clear_inheritable(libc)


def clear_inheritable(libc):
    header = ctypes.create_string_buffer(struct.pack("Ii", VERSION, 0))
    data = ctypes.create_string_buffer(24)
    kernel.checked(libc.capget(header, data), "capget")
    words = list(struct.unpack("6I", data.raw[:24]))
    words[2] = words[5] = 0
    kernel.checked(libc.capset(header, ctypes.create_string_buffer(struct.pack("6I", *words))), "capset")
