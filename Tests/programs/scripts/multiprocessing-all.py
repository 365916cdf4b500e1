# Every way in which multiprocessing starts processes and lets them share.
import multiprocessing
import multiprocessing.shared_memory
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def square(number):
    return number * number


def fill(name, value):
    memory = multiprocessing.shared_memory.SharedMemory(name)
    memory.buf[0] = value
    memory.close()


def add(lock, counter, times):
    for _ in range(times):
        with lock:
            counter.value += 1


def answer(connection, queue, event):
    event.wait()
    queue.put(connection.recv() * 2)


def exercise(method):
    context = multiprocessing.get_context(method)
    with context.Pool(3) as pool:
        print(method, "pool", sum(pool.imap_unordered(square, range(100), 7)))
    lock, counter = context.Lock(), context.Value("i", 0)
    adders = [context.Process(target=add, args=(lock, counter, 50)) for _ in range(3)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    print(method, "counter", counter.value, [adder.exitcode for adder in adders])
    here, there = context.Pipe()
    queue, event = context.Queue(), context.Event()
    answerer = context.Process(target=answer, args=(there, queue, event))
    answerer.start()
    here.send(21)
    event.set()
    print(method, "queue", queue.get(timeout=20))
    answerer.join()
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=64)
    filler = context.Process(target=fill, args=(memory.name, 7))
    filler.start()
    filler.join()
    print(method, "shared memory", memory.buf[0])
    memory.close()
    memory.unlink()


if __name__ == "__main__":
    for method in multiprocessing.get_all_start_methods():
        exercise(method)
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        print("manager", dict(shared))
    with ProcessPoolExecutor(2) as executor:
        print("executor", list(executor.map(square, range(5))))
    with ThreadPoolExecutor(8) as executor:
        print("threads", sum(executor.map(square, range(50))))
    print("processors", len(os.sched_getaffinity(0)) == multiprocessing.cpu_count())
