"""Clients: each sends one request, awaits the answer, and sends the next, until the slice is over.

Ours are tasks of one event loop, as in a server process. A peer's are threads with a connection each, opened before the
slice begins.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from ledger.storage.group_commit import Command, GroupCommit
from tests.benchmarks.measuring import Slice
from tests.benchmarks.programmes import Waiting


def run_commands(writer: GroupCommit, commands: Iterator[Command], *, clients: int, seconds: float) -> Slice:
    """Ends early when there is nothing left to send. Counts items, and takes the time until the last answer."""
    done = 0
    latencies: list[float] = []

    async def send_one_after_another(until: float) -> None:
        nonlocal done
        began = time.perf_counter()
        while began < until and (command := next(commands, None)) is not None:
            answer = await writer.submit(command)
            assert answer.status == 200, answer.body
            ended = time.perf_counter()
            latencies.append(ended - began)
            done += len(command.items)
            began = ended

    async def send_all() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(send_one_after_another(began + seconds) for _ in range(clients)))
        return time.perf_counter() - began

    own_began = time.process_time()
    elapsed = asyncio.run(send_all())
    return Slice(done=done, seconds=elapsed, latencies=latencies, own_seconds=time.process_time() - own_began)


def run_threads(do_one: Sequence[Callable[[Waiting], None]], items: Iterator[Waiting], *, seconds: float) -> Slice:
    """A thread for each of `do_one`, which is what one client does with one item."""
    latencies: list[list[float]] = [[] for _ in do_one]
    failures: list[BaseException] = []
    start = threading.Barrier(len(do_one) + 1)

    def send_one_after_another(number: int) -> None:
        start.wait()
        began = time.perf_counter()
        until = began + seconds
        try:
            while began < until and (item := next(items, None)) is not None:
                do_one[number](item)
                ended = time.perf_counter()
                latencies[number].append(ended - began)
                began = ended
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=send_one_after_another, args=(number,)) for number in range(len(do_one))]
    for thread in threads:
        thread.start()
    start.wait()
    began, own_began = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    elapsed, own_seconds = time.perf_counter() - began, time.process_time() - own_began
    if failures:
        raise failures[0]
    together = [latency for of_one in latencies for latency in of_one]
    return Slice(done=len(together), seconds=elapsed, latencies=together, own_seconds=own_seconds)
