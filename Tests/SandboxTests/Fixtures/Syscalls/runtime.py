import asyncio
import multiprocessing
import os
import pty
import socket
import subprocess
import tempfile
import threading

total = []
threads = [threading.Thread(target=total.append, args=(n,)) for n in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sum(total))
print(subprocess.run(["sh", "-c", "echo child; exit 3"], capture_output=True))
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, -2, -3]))
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
peer = listener.accept()[0]
client.sendall(b"over tcp")
print(peer.recv(100))
left, right = socket.socketpair()
left.send(b"pair")
print(right.recv(10), socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM))
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "file")
    with open(path, "w") as file:
        file.write("text")
    os.chmod(path, 0o640)
    os.utime(path, (1, 2))
    os.rename(path, path + "2")
    print(oct(os.stat(path + "2").st_mode), os.stat(path + "2").st_mtime)


async def several():
    process = await asyncio.create_subprocess_exec("echo", "async", stdout=subprocess.PIPE)
    return await asyncio.gather(process.communicate(), asyncio.sleep(0.01, "slept"))


print(asyncio.run(several()))
print(pty.spawn(["sh", "-c", "test -t 0 && stty -echo && echo terminal"]))
print(os.sched_getaffinity(0) != set(), os.getpriority(os.PRIO_PROCESS, 0), len(os.getrandom(8)))
