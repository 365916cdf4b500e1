"""Acts on processes: on process 1, on the payload's own children and on what lies outside."""

import ctypes
import os
import resource
import signal
import subprocess
import time

from acts.files import checked, libc


def identity():
    umask = os.umask(0)
    os.umask(umask)
    return {
        "uid": os.getresuid(),
        "gid": os.getresgid(),
        "groups": sorted(os.getgroups()),
        "umask": umask,
        "cwd": os.getcwd(),
        "user": os.popen("id -un 2>&1").read().strip(),
    }


def numbers_in_proc():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def send_signal(process, number):
    os.kill(process, number)


def signal_init(number):
    """Sends a signal to process 1 and says whether it is there and not stopped half a second later."""
    os.kill(1, number)
    time.sleep(0.5)
    with open("/proc/1/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0].decode()


def status_of(process):
    with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def link_of(path):
    return os.readlink(path)


def attach(process):
    """PTRACE_ATTACH and let go again."""
    checked(libc.ptrace(16, process, None, None))
    os.waitpid(process, 0)
    libc.ptrace(17, process, None, None)


def seize(process):
    """PTRACE_SEIZE: attaches without stopping, so that it says only whether it was permitted."""
    checked(libc.ptrace(0x4206, process, None, None))
    libc.ptrace(17, process, None, None)


def attach_child():
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        attach(child)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def write_memory(process):
    """process_vm_writev to an address that no process maps: EFAULT says that it was permitted."""
    buffer = ctypes.create_string_buffer(8)
    local = Vector(ctypes.addressof(buffer), 8)
    remote = Vector(8, 8)
    checked(libc.process_vm_writev(process, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0))


def take_descriptor(process):
    """pidfd_getfd of the other's descriptor 0."""
    pidfd = os.pidfd_open(process)
    os.close(checked(libc.syscall(438, pidfd, 0, 0)))


def compare(process):
    """kcmp(2) of two processes' memory: permitted only to who may trace both."""
    return checked(libc.syscall(312, os.getpid(), process, 1, 0, 0))


def open_namespace(path):
    os.close(os.open(path, os.O_RDONLY))


def join_namespace(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        checked(libc.setns(descriptor, 0))
    finally:
        os.close(descriptor)


def unshare(flags):
    checked(libc.unshare(flags))


def clone_namespace(flags):
    """clone(2) with namespace flags; the child leaves at once."""
    child = checked(libc.syscall(56, flags | signal.SIGCHLD, 0, 0, 0, 0))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def zombies_left():
    """Counts the zombies in sight once process 1 has had up to ten seconds to reap them."""
    deadline = time.monotonic() + 10
    while zombies() and time.monotonic() < deadline:
        time.sleep(0.05)
    return {"zombies": zombies(), "processes": len(numbers_in_proc())}


def zombies():
    found = 0
    for number in numbers_in_proc():
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                found += file.read().rpartition(b")")[2].split()[0] == b"Z"
        except OSError:
            continue
    return found


def forks_until_refused(most):
    """Forks sleeping children until the kernel refuses or `most` exist; says how many there were."""
    children = []
    try:
        for _ in range(most):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
        return len(children)
    except BlockingIOError:
        return len(children)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)


def effective_user_of(program):
    """Starts a setuid program that waits for input and reads from /proc as whom it runs."""
    name = os.path.basename(program)[:15]
    process = subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        seen = []
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and process.poll() is None:
            try:
                state = status_of(process.pid)
            except OSError:
                break
            if state.get("Name") == name and "Uid" in state:
                seen.append(int(state["Uid"].split()[1]))
        return sorted(set(seen))
    finally:
        process.kill()
        process.wait()


def limits():
    names = ("RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_NPROC")
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def descriptors():
    """What each open descriptor leads to, without the one that reads the directory."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            found[number] = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:
            continue
    return found


def reopen(number, flags):
    """Opens /proc/self/fd/NUMBER anew, and gives what its end can then do."""
    descriptor = os.open(
        f"/proc/self/fd/{number}", {"read": os.O_RDONLY, "write": os.O_WRONLY | os.O_TRUNC}[flags]
    )
    try:
        if flags == "read":
            return os.read(descriptor, 4096).decode("utf-8", "replace")
        return os.write(descriptor, b"")
    finally:
        os.close(descriptor)


def descriptor_leads_up(number, path):
    """Reads `path` relative to what descriptor NUMBER is."""
    file = os.open(path, os.O_RDONLY, dir_fd=number)
    try:
        return os.read(file, 4096).decode("utf-8", "replace")
    finally:
        os.close(file)


def environment():
    return dict(os.environ)


def namespaces():
    return {name: os.stat(f"/proc/self/ns/{name}").st_ino for name in sorted(os.listdir("/proc/self/ns"))}
